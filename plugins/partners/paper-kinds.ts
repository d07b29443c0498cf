/** Papers by which an organisation shows what it is, and that whoever applies may. */
export const paperKinds = {
  'business-licence': '营业执照',
  registration: '登记证书',
  'code-certificate': '统一社会信用代码证书',
  authorisation: '办理人授权书',
  other: '其他材料',
} as const
export type PaperKind = keyof typeof paperKinds

interface Organisation {
  title: string
  required: readonly PaperKind[]
}

/** By the registration authority that the code begins with (GB 32100-2015, table 1): nobody says himself what kind he is. */
const ORGANISATIONS: Readonly<Record<string, Organisation>> = {
  1: { title: '机关、事业单位、群众团体', required: ['code-certificate', 'authorisation'] },
  5: { title: '社会组织', required: ['registration', 'authorisation'] },
  9: { title: '企业、个体工商户、农民专业合作社', required: ['business-licence', 'authorisation'] },
}
const ANY_OTHER: Organisation = { title: '其他组织', required: ['code-certificate', 'authorisation'] }

export const organisationOf = (uscc: string): Organisation => ORGANISATIONS[uscc.charAt(0)] ?? ANY_OTHER

/** What an organisation with this code has still to send. */
export const lackingOf = (uscc: string, sent: readonly PaperKind[]): PaperKind[] =>
  organisationOf(uscc).required.filter((kind) => !sent.includes(kind))
