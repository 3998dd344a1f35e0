import { type ReactElement, useState } from 'react';
import { office } from '../../api/office.ts';
import { orders } from '../../api/shop.ts';
import { ORDER_STATES, type Order } from '../../api/types.ts';
import { Button } from '../../design/button.tsx';
import { SelectField } from '../../design/field.tsx';
import { OrderStateBadge } from '../../design/order-state.tsx';
import { EmptyState, ErrorNotice, Loading } from '../../design/surface.tsx';
import { Cell, Table } from '../../design/table.tsx';
import { useToast } from '../../design/toast.tsx';
import { useAction } from '../../design/use-action.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';
import { Link } from '../../state/router.tsx';

const POLL_MS = 4000;

export function OfficeOrders(): ReactElement {
  const { t } = useI18n();
  const [state, setState] = useState('');
  const found = useResource(`office:orders:${state}`, (signal) => office.orders(state, signal), {
    pollMs: POLL_MS,
  });
  const heads = ['order', 'when', 'sum', 'state', 'refund'] as const;
  return (
    <>
      <div className="mb-4 max-w-60">
        <SelectField
          label={t('office.filter')}
          value={state}
          onChange={({ target }) => setState(target.value)}
        >
          <option value="">{t('office.all')}</option>
          {ORDER_STATES.map((one) => (
            <option key={one} value={one}>
              {t(`order-state.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading lines={6} />}
      {found.data?.orders.length === 0 && (
        <EmptyState icon="box" title={t('office.no-orders')} text={t('office.no-orders-text')} />
      )}
      {found.data && found.data.orders.length > 0 && (
        <Table caption={t('office.orders')} heads={heads.map((head) => t(`office.${head}`))}>
          {found.data.orders.map((order) => (
            <Row key={order.id} order={order} onChange={found.reload} />
          ))}
        </Table>
      )}
    </>
  );
}

function Row(props: { readonly order: Order; onChange(): void }): ReactElement {
  const { t, money, dateTime } = useI18n();
  const { order, onChange } = props;
  const say = useToast();
  const { busy, run } = useAction();
  const refund = (): Promise<void> =>
    run(async () => {
      await orders.refund(order.id);
      say(t('office.refunding'));
      onChange();
    });
  return (
    <tr>
      <Cell>
        <Link to={`/orders/${order.id}`} className="font-mono text-xs underline underline-offset-4">
          {order.id}
        </Link>
      </Cell>
      <Cell className="whitespace-nowrap">{dateTime(order.createdMs)}</Cell>
      <Cell className="whitespace-nowrap tabular-nums">{money(order.totalCents)}</Cell>
      <Cell>
        <OrderStateBadge state={order.state} />
      </Cell>
      <Cell>
        {order.state === 'paid' && (
          <Button kind="danger" size="small" busy={busy} onClick={() => void refund()}>
            {t('office.refund-short')}
            <span className="sr-only">{order.id}</span>
          </Button>
        )}
      </Cell>
    </tr>
  );
}
