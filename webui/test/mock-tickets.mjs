// Codes for those who have no login, and what administrators see: resets, invitations, users.

const json = (response, status, value) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(value === null ? '' : JSON.stringify(value));
};
const refuse = (response, status, error, message) => json(response, status, { error, message });

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return text === '' ? {} : JSON.parse(text);
}

export class MockTickets {
  /** By code: whose password it sets, or null, an invitation. */
  codes = new Map([['reset-1', 'ada'], ['invite-1', null]]);
  invitations = [];
  /** What was asked for with a code, in order. */
  asked = [];
  admin = false;

  /** `enter(user)`: that user's cookie. True: it was one of ours. */
  async serve(url, request, response, user, enter) {
    const { method } = request;
    const path = url.pathname;
    if (path === '/api/reset' || path === '/api/register') {
      const given = await body(request);
      this.asked.push([path, given]);
      const owner = this.codes.get(given.code);
      if (owner === undefined) return refuse(response, 403, 'bad_code', 'this link is of no use any more'), true;
      if (given.username === 'taken') return refuse(response, 409, 'refused', 'there is a user "taken" already; choose another name'), true;
      this.codes.delete(given.code);
      enter(owner ?? given.username);
      return true;
    }
    if (!this.admin || user === undefined) return false;
    if (path === '/api/account' && method === 'GET') return json(response, 200, { name: user, admin: true }), true;
    if (path === '/api/status') return json(response, 200, { version: '9.9.9', uptime_s: 90, users: [] }), true;
    if (path === '/api/users') return json(response, 200, [{ name: 'ada', admin: true }, { name: 'bob' }]), true;
    if (/^\/api\/users\/\w+\/reset$/.test(path)) return json(response, 200, { code: 'reset-of-bob' }), true;
    if (!path.startsWith('/api/invitations')) return false;
    if (method === 'POST') {
      const { uses, note = '' } = await body(request);
      this.invitations.push({ id: this.invitations.length + 1, uses, note, until: '2026-12-01 10:00:00Z' });
      return json(response, 201, { code: 'invite-made' }), true;
    }
    if (method === 'DELETE') this.invitations = this.invitations.filter(({ id }) => id !== Number(path.split('/').pop()));
    return json(response, 200, this.invitations), true;
  }
}
