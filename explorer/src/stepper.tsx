// Steps through many things one by one, or to one by its number.

import { Button } from "./button";
import { count, exactly } from "./words";

interface Props {
  noun: string;
  hint?: string;
  /** From 0. */
  position: bigint;
  total: bigint;
  onStep: (to: bigint) => void;
}

export function Stepper({ noun, hint, position, total, onStep }: Props) {
  const go = (to: bigint) => onStep(to < 0n ? 0n : to >= total ? total - 1n : to);
  return (
    <fieldset class="stepper" aria-label={noun}>
      <Button label={`${noun} before`} can={position > 0n} onPress={() => go(position - 1n)}>
        ‹
      </Button>
      <label>
        {noun}{" "}
        <input
          inputMode="numeric"
          size={Math.max(3, `${total}`.length)}
          maxLength={`${total}`.length}
          value={`${position + 1n}`}
          onChange={(event) => {
            const digits = event.currentTarget.value.replace(/\D/g, "");
            // What is shown follows from the view alone, also if that stays as it is.
            event.currentTarget.value = `${position + 1n}`;
            if (digits) {
              go(BigInt(digits) - 1n);
            }
          }}
        />{" "}
        of <span title={exactly(total)}>{count(total)}</span>
      </label>
      <Button
        label={`${noun} after`}
        can={position + 1n < total}
        onPress={() => go(position + 1n)}
      >
        ›
      </Button>
      {hint && <small>{hint}</small>}
    </fieldset>
  );
}
