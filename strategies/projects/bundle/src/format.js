export function formatMoney(cents) {
  const whole = Math.floor(cents / 100);
  const rest = cents % 100;
  let digits = String(whole);
  let grouped = '';
  while (digits.length > 3) {
    grouped = `,${digits.slice(digits.length - 3)}${grouped}`;
    digits = digits.slice(0, digits.length - 3);
  }
  if (rest < 10) {
    return `$${digits}${grouped}.0${rest}`;
  }
  return `$${digits}${grouped}.${rest}`;
}

export function formatPercent(fraction) {
  const rounded = Math.round(fraction * 100);
  return `${rounded}%`;
}

export function formatDate(day, month, year) {
  let text = String(day);
  text = text.concat(' ');
  text = text.concat(month);
  text = text.concat(' ');
  text = text.concat(String(year));
  return text;
}
