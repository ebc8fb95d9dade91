// Waiting times between attempts: they double up to a bound, and half of each is chance, so that a thousand
// pages that lost the same server do not come back in the same millisecond.

export class Backoff {
  private attempt = 0;

  constructor(
    private readonly random: () => number,
    private readonly first = 500,
    private readonly longest = 30_000,
  ) {}

  get attempts(): number {
    return this.attempt;
  }

  next(): number {
    const whole = Math.min(this.longest, this.first * 2 ** Math.min(this.attempt, 16));
    this.attempt += 1;
    return Math.round(whole / 2 + (whole / 2) * this.random());
  }

  reset(): void {
    this.attempt = 0;
  }
}
