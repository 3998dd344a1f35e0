import { type FormEvent, type ReactElement, useState } from 'react';
import { office, type ProductDraft } from '../../api/office.ts';
import type { Category, Product } from '../../api/types.ts';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { SelectField, TextField } from '../../design/field.tsx';
import { ErrorNotice } from '../../design/surface.tsx';
import { useI18n } from '../../i18n/i18n.tsx';
import { parseAmount } from '../../state/checkout.ts';

export interface ProductDialogProps {
  /** Undefined: a new one. */
  readonly product: Product | undefined;
  readonly categories: readonly Category[];
  onClose(): void;
  onSaved(): void;
}

export function ProductDialog(props: ProductDialogProps): ReactElement {
  const { t } = useI18n();
  const { product, categories, onClose, onSaved } = props;
  const [error, setError] = useState<unknown>();
  const [isPriceWrong, setIsPriceWrong] = useState(false);
  const [busy, setBusy] = useState(false);

  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const draft = readDraft(new FormData(event.currentTarget), product);
    setIsPriceWrong(draft === undefined);
    if (draft === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      if (product === undefined) await office.addProduct(draft);
      else await office.putProduct(product.id, draft);
      onSaved();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };

  const title = product === undefined ? t('office.add-product') : t('office.edit-product');
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="grid gap-4" onSubmit={(event) => void save(event)}>
        {error !== undefined && <ErrorNotice error={error} />}
        <Fields product={product} categories={categories} isPriceWrong={isPriceWrong} />
        <div className="flex justify-end gap-3">
          <Button kind="quiet" onClick={onClose}>
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

/** What the form says; undefined when its price is none. */
function readDraft(form: FormData, product: Product | undefined): ProductDraft | undefined {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const priceCents = parseAmount(text('price'));
  if (priceCents === undefined) return undefined;
  return {
    sku: text('sku'),
    name: { en: text('name-en'), zh: text('name-zh') },
    description: { en: text('description-en'), zh: text('description-zh') },
    category: text('category'),
    priceCents,
    image: text('image'),
    tags: product?.tags ?? [],
    flashSale: form.has('flash-sale'),
    originalPriceCents: lowered(product, priceCents),
  };
}

/** A price that went down keeps the one of before beside it. */
function lowered(product: Product | undefined, priceCents: number): number | null {
  const before = product?.originalPriceCents ?? product?.priceCents ?? 0;
  return before > priceCents ? before : null;
}

interface FieldsProps {
  readonly product: Product | undefined;
  readonly categories: readonly Category[];
  readonly isPriceWrong: boolean;
}

function Fields({ product, categories, isPriceWrong }: FieldsProps): ReactElement {
  const { t, pick } = useI18n();
  const { name, description } = product ?? {};
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={t('office.name-en')} name="name-en" required defaultValue={name?.en} />
        <TextField label={t('office.name-zh')} name="name-zh" required defaultValue={name?.zh} />
        <TextField
          label={t('office.sku')}
          name="sku"
          required
          readOnly={product !== undefined}
          defaultValue={product?.sku}
        />
        <TextField
          label={t('office.price-field')}
          name="price"
          inputMode="decimal"
          required
          error={isPriceWrong ? t('office.price-wrong') : undefined}
          defaultValue={product && (product.priceCents / 100).toFixed(2)}
        />
        <SelectField label={t('office.category')} name="category" defaultValue={product?.category}>
          {categories.map((one) => (
            <option key={one.id} value={one.id}>
              {pick(one.name)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t('office.image')}
          name="image"
          required
          hint={t('office.image-hint')}
          defaultValue={product?.image ?? 'box'}
        />
      </div>
      <label className="flex items-center gap-3">
        <input
          type="checkbox"
          name="flash-sale"
          defaultChecked={product?.flashSale === true}
          className="size-4.5 accent-(--accent)"
        />
        {t('office.flash')}
      </label>
      {(['en', 'zh'] as const).map((language) => (
        <TextField
          key={language}
          label={t(`office.description-${language}`)}
          name={`description-${language}`}
          required
          defaultValue={description?.[language]}
        />
      ))}
    </>
  );
}
