/** Words of a customer that answer no question of a form, and so can't be among its options. */

/** By these alone a customer gives up, unless the field names others. */
export const cancelWords = [
  'cancel',
  '/cancel',
  'stop',
  'отмена',
  'стоп',
  'abbrechen',
  'annuler',
  'cancelar',
  'annulla',
];
/** By these an optional field is passed over. */
export const skipWords = ['-', 'skip'];

/** Upper and lower case are the same, and blanks around a word are none of it. Nothing is no word. */
export function sameWord(one: string, other: string): boolean {
  return other !== '' && one.trim().toLowerCase() === other.trim().toLowerCase();
}
