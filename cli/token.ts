import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { enterprises, people } from '../plugins/sandbox/people.ts'
import { command, ordinal } from './command.ts'
import { present } from './kit.ts'
import { UsageError } from './usage.ts'

export const token = command({
  usage: 'token',
  describe: '签发沙箱访问令牌（一小时有效）',
  examples: [
    ['token --person 1 --face', '第 1 个人的令牌，刚做过人脸核验'],
    ['token --person 1 --admin', '第 1 个人的令牌，也能用于管理（/admin）'],
    ['token --person 2 --enterprise 2', '第 2 个人代第 2 个单位'],
  ],
  options: (own) =>
    own
      .option('person', { type: 'string', default: '1', describe: `第几个虚构的人（1 至 ${people.length}，见 hub people）` })
      .option('enterprise', { type: 'string', describe: `代第几个虚构的单位（1 至 ${enterprises.length}）` })
      .option('admin', { type: 'boolean', default: false, describe: '也能用于管理（受众 ADMIN_AUDIENCE）' })
      .option('face', { type: 'boolean', default: false, describe: '刚做过人脸核验' }),
  async run({ person, enterprise, admin, face, json }, io) {
    const settings = io.settings()
    if (!settings.sandbox) throw new UsageError('沙箱没有开启，不能签发沙箱令牌')
    const issued = await issueSandboxToken({
      dataDir: settings.DATA_DIR,
      audience: admin ? [settings.TOKEN_AUDIENCE, settings.ADMIN_AUDIENCE] : settings.TOKEN_AUDIENCE,
      person: ordinal(person, '--person', people.length),
      face,
      ...(enterprise === undefined ? {} : { enterprise: ordinal(enterprise, '--enterprise', enterprises.length) }),
    })
    present(io, json, { token: issued, expiresIn: 3600 }, [issued])
    return 0
  },
})
