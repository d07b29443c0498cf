import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Every use of a licence is told with what it is for (用证场景), so that the platform can keep it on record. */
export const use = (itemName: string) => ({ constants: { itemName, itemCode: 'XC-WDXC-DZZZ', businessCode: 'WDXC' } })

/** Pictures of all services come from one place; each leaves on a page with for whom, for what and when all over it. */
export const IMAGES = { sid: 'e-license.images', parameter: 'ZZBS', watermark: { words: '仅供本人办理业务使用' } } as const

const name = field.text('证照名称', { code: ['ZZMC', 'certificateName'], required: true })
const number = (title: string) => field.text(title, { code: ['ZZBH', 'certificateNumber'] })
const authority = (title: string) => field.text(title, { code: ['ZZBFJG', 'issueDept'] })
const image = (title: string, code = 'ZZTP') => field.files(title, { code })
const validityPeriod = field.text('有效期', { code: 'ZZYXQ' })
const issueDate = field.date('发证日期', { code: ['ZZBFRQ', 'issueDate'] })
const state = field.code('证照状态', lists.licenseStates, { code: 'ZZZT' })

/** What follows in every answer: whether the licence holds, until when (a day, or 长期), and of what type it is. */
const standing = {
  licenseStatus: state,
  validUntil: field.until('有效期至', { code: ['ZZYXQJZRQ', 'ZZYXQJZSJ', 'certificateValidateEnd'] }),
  licenseType: field.code('证照类型', lists.licenseTypes, { code: ['ZZLXDM', 'certificateType'] }),
}

/** 1.4.6.1. */
export const queried = {
  licenseName: name,
  licenseNumber: number('编号'),
  validityPeriod,
  issuingAuthority: authority('发证机关'),
  ...standing,
  licenseImage: image('证照照片'),
}

/** 1.4.6.2. */
export const searched = {
  licenseName: name,
  owningInstitution: field.text('所属机构', { code: ['ZZSSJG', 'ZZBFJG'] }),
  licenseNumber: number('证照编号'),
  validityPeriod,
  issueDate,
  licenseImage: image('证照图片'),
  ...standing,
}

/** 1.4.6.3. */
export const listed = {
  licenseName: name,
  licenseNumber: number('证照号码'),
  issuingAuthority: authority('颁发机构'),
  validityPeriod,
  licenseImage: image('证照图片'),
  ...standing,
}

/** 1.4.6.4. */
export const basic = {
  licenseName: name,
  licenseNumber: number('证照号码'),
  holderName: field.text('持证人姓名', { code: ['CZZT', 'certificateHolder'], mask: 'party', reveal: true }),
  licenseStatus: state,
  handlingUnit: field.text('办证单位', { code: ['ZZBZDW', 'ZZBFJG'] }),
  issueDate,
  validityPeriod,
  licenseImage: image('电子证照图片'),
  validUntil: standing.validUntil,
  licenseType: standing.licenseType,
}

/** 1.4.6.5. */
export const certified = {
  certificateName: field.text('证书名称', { code: ['ZZMC', 'certificateName'], required: true }),
  licenseNumber: number('证照号码'),
  issuingAuthority: authority('颁发机构'),
  validityPeriod,
  licenseImage: image('证照照片'),
  ...standing,
}

/** What a picture or a code belongs to. */
export const shownWith = { licenseName: name, licenseNumber: number('证照编号'), ...standing }

/** Of several licences the one that is meant. */
export const chosen = { licenseNumber: input.documentNumber('证照编号', { code: 'ZZBH', field: 'licenseNumber' }) }
export const byNumber = { key: 'licenseNumber', keyWords: ['licenseName', 'licenseStatus'] } as const

export { image }
