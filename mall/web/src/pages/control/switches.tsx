import { type ReactElement, useState } from 'react';
import { control, PAYMENT_MODES, type Switches } from '../../api/control.ts';
import { Button } from '../../design/button.tsx';
import { SelectField, Switch } from '../../design/field.tsx';
import { Card, ErrorNotice, Loading, useErrorText } from '../../design/surface.tsx';
import { useToast } from '../../design/toast.tsx';
import { useAction } from '../../design/use-action.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { useResource } from '../../state/resource.ts';

const POLL_MS = 3000;

export function SwitchPanel(): ReactElement {
  const { t, tOr } = useI18n();
  const found = useResource('control:switches', control.switches, { pollMs: POLL_MS });
  const [answer, setAnswer] = useState<Switches>();
  const say = useToast();
  const textOf = useErrorText();
  const switches = answer ?? found.data;
  const set = async (change: Switches): Promise<void> => {
    if (switches) setAnswer({ ...switches, ...change });
    try {
      await control.putSwitches(change);
    } catch (error) {
      say(textOf(error), 'bad');
    } finally {
      found.reload();
      setAnswer(undefined);
    }
  };
  const flags = Object.entries(switches ?? {}).filter(([, value]) => typeof value === 'boolean');
  return (
    <Card label={t('switches.title')}>
      <h2 className="mb-3 font-display text-xl font-semibold">{t('switches.title')}</h2>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading lines={3} />}
      {switches && (
        <>
          <SelectField
            label={t('switches.payment')}
            value={String(switches['payment'])}
            onChange={({ target }) => void set({ payment: target.value })}
          >
            {PAYMENT_MODES.map((mode) => (
              <option key={mode} value={mode}>
                {t(`payment-mode.${mode}`)}
              </option>
            ))}
          </SelectField>
          <div className="mt-2 divide-y divide-line">
            {flags.map(([name, value]) => (
              <Switch
                key={name}
                label={tOr(`switch.${name}`, name)}
                hint={tOr(`switch-hint.${name}`, '')}
                checked={value === true}
                onChange={(on) => void set({ [name]: on })}
              />
            ))}
          </div>
        </>
      )}
      <BrokerRestart />
    </Card>
  );
}

function BrokerRestart(): ReactElement {
  const { t } = useI18n();
  const say = useToast();
  const { busy, run } = useAction();
  const restart = (): Promise<void> =>
    run(async () => {
      await control.restartBroker();
      say(t('broker.restarted'));
    });
  return (
    <div className="mt-3 border-t border-line pt-4">
      <Button kind="danger" icon="refresh" busy={busy} onClick={() => void restart()}>
        {t('broker.restart')}
      </Button>
      <p className="mt-2 text-sm text-muted">{t('broker.hint')}</p>
    </div>
  );
}
