import { question } from './ask';
import { Later } from './later';
import { card } from './open_card';
import { closeDialog, dialog } from './open_dialog';
import { menu } from './open_menu';

function Card() {
  const open = card.value;
  return open === null ? null : <Later show={({ NickCard }) => <NickCard key={`${open.network} ${open.nick}`} open={open} />} />;
}

function ContextMenu() {
  const open = menu.value;
  return open === null ? null : <Later key={`${open.x} ${open.y} ${open.label}`} show={(parts) => <parts.Menu open={open} parts={parts} />} />;
}

function Asked() {
  const open = question.value;
  return open === null ? null : <Later key={open.title} show={({ QuestionDialog }) => <QuestionDialog open={open} />} />;
}

/** The dialog, the card, the menu and the question that are open. */
export function Dialogs() {
  return <><ContextMenu /><Card /><Dialog /><Asked /></>;
}

function Dialog() {
  const open = dialog.value;
  if (open === null) return null;
  return (
    <Later
      key={open.kind}
      show={({ AccountDialog, BufferDialog, ChannelDialog, DayDialog, ExportDialog, JoinDialog, NetworkDialog }) => {
        switch (open.kind) {
          case 'day':
            return <DayDialog key={open.buffer.key} buffer={open.buffer} />;
          case 'export':
            return <ExportDialog key={open.buffer.key} buffer={open.buffer} />;
          case 'buffer':
            return <BufferDialog key={open.buffer.key} buffer={open.buffer} />;
          case 'channel':
            return <ChannelDialog key={open.buffer.key} buffer={open.buffer} />;
          case 'account':
            return <AccountDialog />;
          case 'network':
            return <NetworkDialog key={open.name} name={open.name} />;
          case 'join':
            return <JoinDialog network={open.network} onClose={closeDialog} />;
        }
      }}
    />
  );
}
