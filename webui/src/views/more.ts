// What is opened seldom, in a script of its own that is fetched when it is first asked for (later.tsx).

export { AccountDialog } from './AccountDialog';
export { AdminPane } from './AdminPane';
export { bufferMenu, leaveChannel } from './buffer_menu';
export { BufferDialog } from './BufferDialog';
export { ChannelDialog } from './ChannelDialog';
export { ChannelsPane } from './ChannelsPane';
export { DayDialog } from './DayDialog';
export { JoinDialog } from './JoinDialog';
export { lineMenu } from './line_menu';
export { enterByPasskey } from '../app/passkeys';
export { Menu } from './Menu';
export { MentionsPane } from './MentionsPane';
export { NetworkDialog } from './NetworkDialog';
export { ExportDialog } from './ExportDialog';
export { FirstNetwork } from './NetworkForm';
export { NickCard } from './NickCard';
export { OutboxPane } from './OutboxPane';
export { QuestionDialog } from './QuestionDialog';
export { SearchPane } from './SearchPane';
export { settingsMenu } from './settings_menu';
export { TicketForm } from './TicketForm';
export { Switcher } from './Switcher';
export { UnreadPane } from './UnreadPane';
export { Uploads } from './Uploads';
