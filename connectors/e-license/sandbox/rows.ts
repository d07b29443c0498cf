import { addDays, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import { isCertificate, type Licence, licencesOfFirm, licencesOfPerson, rowOf, stateOf } from './licences.ts'

const licencesOf = (subject: SandboxSubject, world: SandboxWorld) =>
  subject.number.startsWith('9') ? licencesOfFirm(subject, world) : licencesOfPerson(subject, world)

const having =
  (keep: (licence: Licence, today: string) => boolean = () => true): SandboxRows =>
  (subject, world) =>
    licencesOf(subject, world)
      .filter((licence) => keep(licence, world.today))
      .map((licence) => rowOf(licence, subject, world.today))

const all = having()
const certificates = having(isCertificate)

/** A code is given for what holds, and for nothing else. */
const codes: SandboxRows = (subject, world) =>
  having((licence, today) => stateOf(licence, today) === '1')(subject, world).map(({ ZZTP: _, ...row }) => ({
    ...row,
    ZZEWM: [{ id: `${row['ZZBS']}.QR`, name: '证照二维码.png', mediaType: 'image/png' }],
  }))

/** Looked at on the evenings before. */
const recent: SandboxRows = (subject, world) => {
  const looked = licencesOf(subject, world).slice(0, 3)
  if (looked.length === 0) return []
  const day = (back: number) => addDays(world.today, -back).replace(/^(....)(..)(..)$/, '$1-$2-$3')
  const uses = looked.map(
    ({ name, number, authority }, at): SandboxRow => ({
      ...{ ZZMC: name, ZZBH: number, ZZBFJG: authority, YZSJ: `${day(2 * at + 1)} 20:1${at}:36` },
    }),
  )
  return [{ CZZTDM: subject.number, YZJL: uses }]
}

/** The platform's licences of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'person-license-query': all,
  'enterprise-license-query': all,
  'recent-licenses': recent,
  'person-license-search': all,
  'enterprise-license-search': all,
  'person-license-list': all,
  'enterprise-license-list': all,
  'person-certificate-query': certificates,
  'enterprise-certificate-query': certificates,
  'license-qr-code': codes,
  'license-image-preview': all,
  'license-image-download': all,
  'license-detail': all,
  'license-basic-info': all,
  'certificate-download': certificates,
}
