import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate } from '../../../core/base/transact.ts'
import { masks } from '../../../core/contract/masks.ts'
import { endSessions } from '../../access/end-sessions.ts'
import { part } from '../../route-kit/part.ts'
import { writeRealName } from '../../users/people.ts'
import { change } from '../change.ts'

/** 实名登记 at a counter: who an account is. */
export const realName = change({
  title: '登记柜台核验的实名',
  permission: 'users.change',
  payload: part.input({ userId: part.id('用户编号'), name: part.text('姓名'), idNumber: part.text('身份证号') }, [
    'userId',
    'name',
    'idNumber',
  ]),
  concerns: ({ userId }) => [userId],
  facts: () => ({}),
  shown: ({ name, idNumber }) => ({ name: masks.name(name), idNumber: masks.idNumber(idNumber) }),
  async apply(transaction, { userId, name, idNumber }, { userId: recordedBy }, { vault, forget }) {
    try {
      await writeRealName(transaction, vault, { userId, name, idType: '01', idNumber, channel: 'counter', recordedBy })
    } catch (error) {
      throw isDuplicate(error) ? new HubError('HUB_IDENTITY_TAKEN') : error
    }
    // Whoever was signed on was signed on as somebody else.
    await endSessions(transaction, userId, Date.now())
    return { after: () => forget(userId) }
  },
})
