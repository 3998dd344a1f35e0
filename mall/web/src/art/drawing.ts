import type { ReactNode } from 'react';
import type { Palette } from './palette.ts';

/** A picture of 200 by 200, in the colours that it is given. */
export type Drawing = (colours: Palette) => ReactNode;
