// One chunk of the log in the document. It is drawn again only when its chunk changed, and the browser skips its
// layout and paint while it is out of sight (content-visibility), remembering the height it had.

import { Component, createRef } from 'preact';
import { layRows } from '../state/rows';
import type { Buffer } from '../state/world';
import type { BlockPlan } from './plan';
import { RowView } from './Rows';

interface Props {
  plan: BlockPlan;
  buffer: Buffer;
  today: string;
  /** The newest chunk still grows. */
  growing: boolean;
}

export class Block extends Component<Props> {
  private readonly root = createRef<HTMLDivElement>();

  override shouldComponentUpdate(next: Props): boolean {
    const now = this.props;
    return (
      now.plan.key !== next.plan.key ||
      now.plan.stamp !== next.plan.stamp ||
      now.plan.before?.key !== next.plan.before?.key ||
      now.plan.divider !== next.plan.divider ||
      now.today !== next.today ||
      now.growing !== next.growing
    );
  }

  override componentDidMount(): void {
    this.settle();
  }

  override componentDidUpdate(): void {
    this.settle();
  }

  private settle(): void {
    const element = this.root.current;
    if (element === null || this.props.growing || element.classList.contains('settled')) return;
    const height = element.offsetHeight;
    if (height === 0) return;
    element.style.setProperty('contain-intrinsic-block-size', `auto ${height}px`);
    element.classList.add('settled');
  }

  render() {
    const { plan, buffer, today } = this.props;
    const rows = layRows(plan.entries, plan.before, plan.divider);
    return (
      <div class="block" ref={this.root}>
        {rows.map((row) => <RowView key={row.key} row={row} buffer={buffer} today={today} />)}
      </div>
    );
  }
}
