import { Component, type ErrorInfo, type ReactNode } from 'react';
import { ErrorNotice } from '../design/surface.tsx';

interface Props {
  readonly children: ReactNode;
}

/** A page that fails leaves the rest of the shop standing, and can be tried again. */
export class Boundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error('A page failed', error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <ErrorNotice error={error} onRetry={() => location.reload()} />;
  }
}
