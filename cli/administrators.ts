import { HubError } from '../core/base/errors.ts'
import { beijing } from '../core/base/time.ts'
import { appointFromCommandLine } from '../plugins/users/appointment.ts'
import { type AdminRole, adminRoles } from '../plugins/users/roles.ts'
import { command, yes } from './command.ts'
import { confirm, present, typedId, withStore } from './kit.ts'

const roles = [...(Object.keys(adminRoles) as AdminRole[]), 'none'] as const

export const administrators = command({
  usage: 'administrators <用户编号> <角色>',
  describe: '任命或撤销管理员（第一位只能这样任命）；任命时显示登记码，登记身份验证器须用',
  examples: [
    ['administrators 5a000000-0000-4000-8000-000000000004 operator --reason 接替前任', '任命运营人员'],
    ['administrators 5a000000-0000-4000-8000-000000000004 none --reason 调岗', '撤销'],
  ],
  options: (own) =>
    own
      .positional('用户编号', { type: 'string', demandOption: true, describe: '用户在本平台的编号' })
      .positional('角色', { choices: roles, demandOption: true, describe: 'none：撤销' })
      .option('yes', yes),
  change: { what: '任命', service: 'administrators.change', reason: 'required' },
  run: ({ 用户编号: id, 角色: role, yes, json }, io, act) =>
    withStore(io, async (store) => {
      const { database, vault } = store
      const user = await database('users')
        .where({ id: typedId(id, '用户') })
        .first('id')
      if (!user) throw new HubError('HUB_NO_RECORD', { detail: `没有这个用户：${id}` })
      const appointed = role === 'none' ? null : role
      const before = await database('administrators').where({ user_id: id }).first('role')
      if (appointed === null && !before) throw new HubError('HUB_NO_RECORD', { detail: `${id} 不是管理员，没有什么可以撤销` })
      await confirm(io, yes, appointed ? `任命 ${id} 为${adminRoles[appointed]}` : `撤销 ${id} 的管理员角色`)
      const enrolment = await appointFromCommandLine(database, vault, id, appointed, (target) => act(store, target, appointed ?? '撤销'))
      const told = enrolment && { enrolmentCode: enrolment.code, expiresAt: beijing(enrolment.expiresAt) }
      present(io, json, { id, role: appointed, ...told }, [
        appointed ? `已任命：${id} 为${adminRoles[appointed]}` : `已撤销：${id}`,
        ...(told ? [`登记身份验证器的登记码（只显示这一次，${told.expiresAt} 前有效，当面或者电话交给本人）：${told.enrolmentCode}`] : []),
      ])
      return 0
    }),
})
