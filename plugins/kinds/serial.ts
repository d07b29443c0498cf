/**
 * → the number by which an agency knows what the hub sends it: the same however often it is sent. Twenty characters, since that is
 * what a business serial number (`ywlsh`, C..20 in JGJ/T 320-2014) may have: 103 of the id's bits.
 */
export function serialOf(id: string): string {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) % 36n ** 20n
  return number.toString(36).toUpperCase().padStart(20, '0')
}
