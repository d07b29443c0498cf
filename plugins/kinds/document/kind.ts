import type { ServiceKind } from '../kind.ts'
import query from '../query/kind.ts'
import { queryRoute } from '../query/routes.ts'
import { assertWhole, titleOf } from './content.ts'
import documents from './index.ts'
import { personalData } from './personal-data.ts'

/** A query whose answer can also be had as a PDF that anybody can verify. */
export default {
  ...query,
  name: 'document',
  serves: ['document'],
  plugin: documents,
  check(subject) {
    query.check(subject)
    const { contract, own, report } = subject
    if (contract.document && (!own || !contract.document.title)) report('document names what a service of kind document prints')
  },
  routes: (app, service) =>
    queryRoute(app, service, {
      title: titleOf(service.contract),
      assert: (given) => assertWhole(service.contract, given),
      print: (rows, input, asker, place) =>
        app.documents.issue(service, rows, input, asker, (content) => place.print({ type: 'pdf', content })),
    }),
  personalData,
} satisfies ServiceKind
