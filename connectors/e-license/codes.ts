/** Code lists of electronic licences. All are open. */
import { codeList } from '../../core/connector.ts'

/** ZZZT: 1 and 2 were read in public models; that a licence has run out, platforms say in their own way. */
export const licenseStates = codeList('电子证照 ZZZT 证照状态，1、2 见于公开实现，3、4 待平台确认', {
  '1': '有效',
  '2': '注销',
  '3': '过期',
  '4': '冻结',
})

/**
 * ZZLXDM: the unified code of the department that defines the type, and three digits. That of 住建部 was read; of the other
 * departments none was at hand, so their types stand under the sandbox's own code until the platform gives the catalogue.
 */
export const licenseTypes = codeList('电子证照 ZZLXDM 证照类型代码（GB/T 36902 目录），除住建部外待平台确认', {
  '11100000000013338W001': '二级建造师注册证书',
  '11100000000013338W009': '建筑工程施工许可证',
  '11100000000013338W010': '安全生产许可证',
  '11411000000000001A101': '结婚证',
  '11411000000000001A102': '不动产权证书',
  '11411000000000001A103': '就业创业证',
  '11411000000000001A104': '老年人优待证',
  '11411000000000001A105': '从业人员健康证明',
  '11411000000000001A151': '职业技能等级证书',
  '11411000000000001A152': '专业技术资格证书',
  '11411000000000001A201': '营业执照',
  '11411000000000001A202': '开户许可证',
  '11411000000000001A203': '排污许可证',
  '11411000000000001A204': '食品经营许可证',
  '11411000000000001A251': '高新技术企业证书',
  '11411000000000001A252': '质量管理体系认证证书',
})
