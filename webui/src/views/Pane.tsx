// What stands in the middle in place of a talk: a search, mentions, what is unread or waits to be sent, the channels of a network, what administrators do.

import type { Pane } from '../app/store';
import { Later } from './later';

export function PaneView({ pane }: { pane: Pane }) {
  return (
    <Later
      show={({ AdminPane, ChannelsPane, MentionsPane, OutboxPane, SearchPane, UnreadPane }) => {
        switch (pane.kind) {
          case 'search':
            return <SearchPane text={pane.text} />;
          case 'mentions':
            return <MentionsPane />;
          case 'admin':
            return <AdminPane />;
          case 'outbox':
            return <OutboxPane />;
          case 'unread':
            return <UnreadPane />;
          case 'channels':
            return <ChannelsPane key={pane.network} name={pane.network} />;
        }
      }}
    />
  );
}
