// A button that keeps the focus where it cannot do anything just now.

import type { ComponentChildren } from "preact";

interface Props {
  label?: string;
  /** Whether it would do something. */
  can: boolean;
  onPress: () => void;
  children: ComponentChildren;
}

export const Button = ({ label, can, onPress, children }: Props) => (
  <button type="button" aria-label={label} aria-disabled={!can} onClick={() => can && onPress()}>
    {children}
  </button>
);
