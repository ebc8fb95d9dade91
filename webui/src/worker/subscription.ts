// A subscription as POST /api/push takes it. Pure.

export interface PushBody {
  endpoint: string;
  p256dh: string;
  auth: string;
  /** Whether it is told what was read elsewhere. */
  markread: boolean;
}

/** Where a push that shows nothing costs the right to be pushed (Safari), notices close when the page is opened next. */
function takesSilence(endpoint: string): boolean {
  return !/^https:\/\/[^/]*\.push\.apple\.com\//.test(endpoint);
}

export function subscribed(subscription: { toJSON(): PushSubscriptionJSON }): PushBody {
  const { endpoint = '', keys } = subscription.toJSON();
  return { endpoint, p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '', markread: takesSilence(endpoint) };
}
