import { service } from '../../core/connector.ts'
import { basic, byNumber, certified, chosen, IMAGES, image, searched, shownWith, use } from './policies.ts'

/** One licence of the person, or of the enterprise that is acted for; whoever holds several says which. */
const one = { agents: true, files: IMAGES, inputs: chosen, ...byNumber } as const

/**
 * The platform's own code as a picture; printed (`format=pdf`), a sheet with the hub's code beside it, which anybody can check at
 * `/v1/verify/{code}` for five minutes. A licence that does not hold has neither.
 */
const licenseQrCode = service({
  ...one,
  section: '1.4.6.1',
  kind: 'document',
  document: { title: '电子证照出示凭证', minutes: 5 },
  id: 'license-qr-code',
  name: '证照二维码',
  fields: { licenseQrCode: image('证照二维码', 'ZZEWM'), ...shownWith },
  upstream: use('电子证照亮证'),
})

const picture = {
  ...one,
  section: '1.4.6.1',
  kind: 'document',
  document: { title: '电子证照信息' },
  fields: { licenseImage: image('证照照片'), ...shownWith },
} as const

const licenseImagePreview = service({ ...picture, id: 'license-image-preview', name: '证照照片在线预览', upstream: use('证照照片预览') })
const licenseImageDownload = service({ ...picture, id: 'license-image-download', name: '证照照片下载', upstream: use('证照照片下载') })

const licenseDetail = service({
  ...one,
  section: '1.4.6.2',
  kind: 'query',
  document: { title: '电子证照详细信息' },
  id: 'license-detail',
  name: '证照详细信息',
  fields: searched,
  upstream: use('证照详细信息'),
})

const licenseBasicInfo = service({
  ...one,
  section: '1.4.6.4',
  kind: 'query',
  id: 'license-basic-info',
  name: '电子证照基本信息',
  fields: basic,
  upstream: use('电子证照基本信息'),
})

const { certificateName, licenseNumber, licenseStatus, validUntil, licenseType } = certified

const certificateDownload = service({
  ...one,
  key: 'licenseNumber',
  keyWords: ['certificateName', 'licenseStatus'],
  section: '1.4.6.5',
  kind: 'document',
  document: { title: '证书信息' },
  id: 'certificate-download',
  name: '证书一键下载',
  fields: { licenseImage: image('证照照片'), certificateName, licenseNumber, licenseStatus, validUntil, licenseType },
  upstream: { constants: { ...use('证书下载').constants, ZZFL: '2' } },
})

export const oneServices = [licenseQrCode, licenseImagePreview, licenseImageDownload, licenseDetail, licenseBasicInfo, certificateDownload]
