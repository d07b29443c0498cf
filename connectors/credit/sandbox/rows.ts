import type { SandboxRow, SandboxRows, SandboxSubject } from '../../../core/connector.ts'
import { dishonestyCount, licenceCount, penaltiesOf, registers, trustCount } from './registers.ts'

const isUnit = ({ number }: SandboxSubject) => number.startsWith('9')

/** Where records open with a number, the grade is what they come to; who has none stands at 良. */
function gradeOf(penalties: number, praise: number): string {
  if (penalties > 0) return 'C'
  return praise > 0 ? 'A' : 'B'
}

/** Person 7 is unknown to the platform: nothing was ever reported of them. */
const report: SandboxRows = (subject, world) => {
  const { index, name, number, asked } = subject
  if (!isUnit(subject) && index === 7) return []
  const penalties = penaltiesOf(number, world)
  const praise = trustCount(number)
  const serial = `XYBG${world.today}${isUnit(subject) ? 'Q' : 'G'}${String(index).padStart(5, '0')}`
  return [
    {
      bgbh: serial,
      ztmc: name,
      scsj: `${world.today.slice(0, 4)}-${world.today.slice(4, 6)}-${world.today.slice(6)} 08:30:00`,
      xydj: gradeOf(penalties.length, praise),
      xksl: licenceCount(number),
      cfsl: penalties.length,
      sxsl: praise,
      shixinsl: dishonestyCount(number),
      cfxx: penalties.map((row: SandboxRow) => ({
        cfwsh: row['CF_WSH'],
        cflb: row['CF_CFLB1'],
        jdrq: row['CF_JDRQ'],
        gsjzq: row['CF_GSJZQ'],
        cfjg: row['CF_CFJG'],
      })),
      xybg: [{ id: serial, name: '公共信用信息概况报告.pdf', mediaType: 'application/pdf' }],
      ...(asked?.['bgyt'] === undefined ? {} : { bgyt: asked['bgyt'] }),
    },
  ]
}

/** What the platform knows when an application comes in. */
const applicant: SandboxRows = ({ index, name, number }) => {
  if (number.startsWith('9')) return [{ qymc: name, shxydm: number, sqrmc: name, blyj: '材料齐全，符合规定' }]
  return index === 7 ? [] : [{ sqrmc: name, blyj: '材料齐全，符合规定' }]
}

/** The platform's records of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  ...registers,
  'credit-report-download': report,
  'credit-repair': applicant,
  'objection-appeal': applicant,
}
