import { ChannelDialog } from './ChannelDialog';
import { DayDialog } from './DayDialog';
import { dialog } from './open_dialog';

/** The dialog about a buffer that is open. */
export function Dialogs() {
  const open = dialog.value;
  if (open === null) return null;
  return open.kind === 'day' ? <DayDialog key={open.buffer.key} buffer={open.buffer} /> : <ChannelDialog key={open.buffer.key} buffer={open.buffer} />;
}
