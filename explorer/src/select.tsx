// A choice from a list, with its label.

interface Props {
  label: string;
  value: string;
  /** What is chosen from: a value, its text, whether it can be chosen. */
  options: Array<[value: string, text: string, disabled?: boolean]>;
  onChoose: (value: string) => void;
}

export const Select = ({ label, value, options, onChoose }: Props) => (
  <label>
    {label}
    <select
      value={value}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        // What is shown follows from the view alone, also if that stays as it is.
        event.currentTarget.value = value;
        onChoose(chosen);
      }}
    >
      {options.map(([one, text, disabled]) => (
        <option key={one} value={one} disabled={disabled}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
