import type { SandboxRow, SandboxSubject } from '../../../core/connector.ts'

/** Invented children with numbers that nobody has (order 000 is not issued), at those who have taken them along before. */
const children: Readonly<Record<number, readonly SandboxRow[]>> = {
  1: [{ gzbh: 'GZ10000102', xm: '贾小满', zjlx: '1', zjhm: '411002201605200007', csrq: '2016-05-20', gzlb: '2' }],
  2: [{ gzbh: 'GZ10000202', xm: '甄小满', zjlx: '1', zjhm: '411002201909120006', csrq: '2019-09-12', gzlb: '2' }],
}

const birthIn = (number: string) => `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`

function first({ index, name, number }: SandboxSubject): SandboxRow[] {
  // Person 7 has never been there.
  if (index === 0 || index === 7) return []
  const self = { gzbh: `GZ1000${String(index).padStart(2, '0')}01`, xm: name, zjlx: '1', zjhm: number, csrq: birthIn(number), gzlb: '1' }
  return [self, ...(children[index] ?? [])]
}

const FOURTEEN = 14 * 365.25 * 86_400_000

/** Everybody who has ever stood on somebody's list, as it was changed; `gone`: taken off it. */
function replay(subject: SandboxSubject): (SandboxRow & { gone?: boolean })[] {
  const rows = new Map<unknown, SandboxRow & { gone?: boolean }>(first(subject).map((row) => [row['gzbh'], row]))
  const deeds = (subject.filed ?? []).filter(({ service }) => service.startsWith('visitor-'))
  for (const { service, params, reference, at } of deeds) {
    const { xm, zjlx, zjhm } = params
    const csrq = params['csrq'] ?? birthIn(String(zjhm))
    const gzlb = at - Date.parse(String(csrq)) < FOURTEEN ? '2' : '1'
    const number = service === 'visitor-add' ? `GZ${reference.slice(-8)}` : params['gzbh']
    if (service === 'visitor-delete') rows.set(number, { ...rows.get(number), gone: true })
    else rows.set(number, { gzbh: number, xm, zjlx, zjhm, csrq, gzlb })
  }
  return [...rows.values()]
}

export const everListed = (subject: SandboxSubject): SandboxRow[] => replay(subject).map(({ gone: _, ...row }) => row)

export const listed = (subject: SandboxSubject): SandboxRow[] => replay(subject).flatMap(({ gone, ...row }) => (gone ? [] : [row]))
