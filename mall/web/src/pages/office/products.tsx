import { type FormEvent, type ReactElement, useState } from 'react';
import { office } from '../../api/office.ts';
import { catalogue } from '../../api/shop.ts';
import type { Product } from '../../api/types.ts';
import { ProductArt } from '../../art/product-art.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { ErrorNotice, Loading } from '../../design/surface.tsx';
import { Cell, Table } from '../../design/table.tsx';
import { useToast } from '../../design/toast.tsx';
import { useAction } from '../../design/use-action.ts';
import { useI18n } from '../../i18n/i18n.tsx';
import { forget, useResource } from '../../state/resource.ts';
import { ProductDialog } from './product-dialog.tsx';

const STOCK_MAX = 1_000_000;

export function OfficeProducts(): ReactElement {
  const { t } = useI18n();
  const found = useResource('office:products', office.products);
  const categories = useResource('categories', catalogue.categories);
  const [edited, setEdited] = useState<Product | 'new'>();
  const changed = (): void => {
    forget('product');
    found.reload();
  };
  const heads = ['product', 'price', 'stock', 'edit'] as const;
  return (
    <>
      <div className="mb-4 flex justify-end">
        <Button icon="plus" onClick={() => setEdited('new')}>
          {t('office.add-product')}
        </Button>
      </div>
      {found.error && <ErrorNotice error={found.error} onRetry={found.reload} />}
      {found.loading && <Loading lines={6} />}
      {found.data && (
        <Table caption={t('office.products')} heads={heads.map((head) => t(`office.${head}`))}>
          {found.data.products.map((product) => (
            <Row
              key={product.id}
              product={product}
              onEdit={() => setEdited(product)}
              onChange={changed}
            />
          ))}
        </Table>
      )}
      {edited !== undefined && (
        <ProductDialog
          product={edited === 'new' ? undefined : edited}
          categories={categories.data?.categories ?? []}
          onClose={() => setEdited(undefined)}
          onSaved={() => {
            setEdited(undefined);
            changed();
          }}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly product: Product;
  onEdit(): void;
  onChange(): void;
}

function Row({ product, onEdit, onChange }: RowProps): ReactElement {
  const { t, pick, money } = useI18n();
  const name = pick(product.name);
  return (
    <tr>
      <Cell>
        <span className="flex min-w-56 items-center gap-3">
          <ProductArt
            image={product.image}
            sku={product.sku}
            name={product.name.en}
            className="size-12 shrink-0 rounded-lg"
          />
          <span>
            <span className="block font-medium">{name}</span>
            <span className="font-mono text-xs text-muted">{product.sku}</span>
          </span>
        </span>
      </Cell>
      <Cell className="whitespace-nowrap tabular-nums">{money(product.priceCents)}</Cell>
      <Cell>
        <StockForm product={product} name={name} onChange={onChange} />
      </Cell>
      <Cell>
        <Button kind="plain" size="small" onClick={onEdit}>
          {t('office.edit-short')}
          <span className="sr-only">{name}</span>
        </Button>
      </Cell>
    </tr>
  );
}

interface StockFormProps {
  readonly product: Product;
  readonly name: string;
  onChange(): void;
}

function StockForm({ product, name, onChange }: StockFormProps): ReactElement {
  const { t } = useI18n();
  const say = useToast();
  const { busy, run } = useAction();
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const wanted = Number(new FormData(event.currentTarget).get('stock'));
    await run(async () => {
      await office.putStock(product.sku, wanted);
      say(t('office.stock-saved', { name }));
      onChange();
    });
  };
  return (
    <form className="flex items-center gap-2" onSubmit={(event) => void save(event)}>
      <TextField
        key={product.available}
        label={t('office.stock-of', { name })}
        hideLabel
        name="stock"
        type="number"
        min={0}
        max={STOCK_MAX}
        required
        defaultValue={product.available ?? ''}
        className="w-24"
      />
      <Button type="submit" kind="quiet" size="small" busy={busy}>
        {t('action.save')}
        <span className="sr-only">{t('office.stock-of', { name })}</span>
      </Button>
    </form>
  );
}
