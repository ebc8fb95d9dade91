/** A word of a command to Halley, whatever is in it. */
export function quote(word: string): string {
  return /^[\w.:/#@+,-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}
