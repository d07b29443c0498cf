import type { SandboxRow, SandboxSubject } from '../../../core/connector.ts'

/** Books of the invented readers; person 7 has none. */
export function loans({ index, number }: SandboxSubject): readonly SandboxRow[] {
  if (index > 3) return []
  return [
    { dzzjh: number, tm: '许昌方志辑要', jyrq: '20260601', yhrq: '20260701', zt: '1', fk: '0.00' },
    { dzzjh: number, tm: '颍川陶瓷考', jyrq: '20260410', yhrq: '20260510', zt: '3', fk: `${index}.50` },
  ]
}
