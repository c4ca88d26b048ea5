// A choice from a list, with its label.

interface Props {
  label: string;
  value: string;
  /** What is chosen from. */
  options: Array<[value: string, text: string]>;
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
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
