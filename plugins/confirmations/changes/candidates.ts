import { part } from '../../route-kit/part.ts'
import { change } from '../change.ts'

/** Everybody is answered by a connector's candidate version, although the comparison does not bear it out. */
export const candidate = change({
  title: '由连接器的候选版本答复全部用户',
  permission: 'connectors.switch',
  payload: part.input({ connector: part.text('连接器'), version: part.text('候选版本') }, ['connector', 'version']),
  concerns: () => [],
  target: ({ connector }) => connector,
  facts: ({ connector, version }) => ({ connector, version }),
  async apply(transaction, subject, { userId }, { candidates }) {
    await candidates.promote(transaction, subject, userId)
    return { result: subject.version, after: () => candidates.refresh() }
  },
})
