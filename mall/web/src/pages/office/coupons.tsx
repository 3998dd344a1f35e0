import { type FormEvent, type ReactElement, useState } from 'react';
import { office } from '../../api/office.ts';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { SelectField, TextField } from '../../design/field.tsx';
import { ErrorNotice, Loading } from '../../design/surface.tsx';
import { Cell, Table } from '../../design/table.tsx';
import { useI18n } from '../../i18n/i18n.tsx';
import { parseAmount } from '../../state/checkout.ts';
import { useResource } from '../../state/resource.ts';

export function OfficeCoupons(): ReactElement {
  const { t, pick, money, dateTime } = useI18n();
  const found = useResource('office:coupons', office.coupons);
  const [isAdding, setIsAdding] = useState(false);
  const heads = ['coupon', 'value', 'minimum', 'expires'] as const;
  return (
    <>
      <div className="mb-4 flex justify-end">
        <Button icon="plus" onClick={() => setIsAdding(true)}>
          {t('office.add-coupon')}
        </Button>
      </div>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading />}
      {found.data && (
        <Table caption={t('office.coupons')} heads={heads.map((head) => t(`office.${head}`))}>
          {found.data.coupons.map((coupon) => (
            <tr key={coupon.id}>
              <Cell className="font-medium">{pick(coupon.name)}</Cell>
              <Cell>{coupon.kind === 'amount' ? money(coupon.value) : `${coupon.value} %`}</Cell>
              <Cell>{money(coupon.minimumCents)}</Cell>
              <Cell>{dateTime(coupon.expiresMs)}</Cell>
            </tr>
          ))}
        </Table>
      )}
      {isAdding && (
        <CouponDialog
          onClose={() => setIsAdding(false)}
          onSaved={() => {
            setIsAdding(false);
            found.reload();
          }}
        />
      )}
    </>
  );
}

function CouponDialog(props: { onClose(): void; onSaved(): void }): ReactElement {
  const { t } = useI18n();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(false);
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const kind = text('kind') === 'percent' ? 'percent' : 'amount';
    const value = kind === 'percent' ? Number(text('value')) : parseAmount(text('value'));
    const minimumCents = parseAmount(text('minimum'));
    const expiresMs = Date.parse(text('expires'));
    const isWhole = value !== undefined && Number.isInteger(value) && value > 0;
    const isRight = isWhole && (kind === 'amount' || value <= 100);
    setWrong(!isRight || minimumCents === undefined);
    if (!isRight || minimumCents === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      const name = { en: text('name-en'), zh: text('name-zh') };
      await office.addCoupon({ name, kind, value, minimumCents, expiresMs });
      props.onSaved();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('office.add-coupon')} onClose={props.onClose}>
      <form className="grid gap-4" onSubmit={(event) => void save(event)}>
        {error !== undefined && <ErrorNotice error={error} />}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t('office.name-en')} name="name-en" required />
          <TextField label={t('office.name-zh')} name="name-zh" required />
          <SelectField label={t('office.kind')} name="kind">
            <option value="amount">{t('office.kind-amount')}</option>
            <option value="percent">{t('office.kind-percent')}</option>
          </SelectField>
          <TextField
            label={t('office.value')}
            name="value"
            inputMode="decimal"
            required
            error={wrong ? t('office.value-wrong') : undefined}
          />
          <TextField label={t('office.minimum')} name="minimum" defaultValue="0" required />
          <TextField label={t('office.expires')} name="expires" type="date" required />
        </div>
        <div className="flex justify-end gap-3">
          <Button kind="quiet" onClick={props.onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
