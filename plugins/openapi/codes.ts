import type { ErrorCode } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Place, RuledService } from './types.ts'

/** What decides which errors an operation can end with. */
interface Traits {
  place: Place
  service: RuledService | null
  /** Whether something that the service keeps is looked at or changed, not asked for. */
  kept: boolean
}

type Rule = readonly [applies: (traits: Traits) => boolean, codes: readonly ErrorCode[]]

const takes = ({ place: { operation } }: Traits) => (operation.parameters ?? []).length > 0 || operation.requestBody !== undefined
const secured = (name: string) => (traits: Traits) => (traits.place.operation.security ?? []).some((way) => name in way)
const byToken = secured('token')
const hasKey = ({ operation }: Place) => (operation.parameters ?? []).some(({ name }) => name.toLowerCase() === 'idempotency-key')
const isAsked = ({ service }: Traits) => service !== null && !service.keeps
const isAdmitted = ({ service }: Traits) => service !== null && service.contract.identity !== 'none'
/** Looking at what is kept takes everything that asking for it took, but a face and an account. */
const isPersonal = (traits: Traits) => isAdmitted(traits) && !traits.kept
const onPath = (pattern: RegExp) => (traits: Traits) => pattern.test(traits.place.path)
const ofEnterprise = ({ contract }: CompiledService) => contract.audience === 'enterprise' || contract.agents === true

const AGENCY: readonly ErrorCode[] = [
  'HUB_UPSTREAM_UNREACHABLE',
  'HUB_UPSTREAM_INVALID',
  'HUB_UPSTREAM_REFUSED',
  'HUB_UPSTREAM_CREDENTIAL',
  'HUB_UPSTREAM_UNAVAILABLE',
  'HUB_AGENCY_CLOSED',
  'HUB_UPSTREAM_BUSY',
  'HUB_UPSTREAM_TIMEOUT',
]

/** What follows from the shape of an operation and from the declaration of its service. */
const RULES: readonly Rule[] = [
  [takes, ['HUB_VALIDATION']],
  [({ place }) => place.operation.requestBody !== undefined, ['HUB_BODY_TOO_LARGE', 'HUB_MEDIA_TYPE']],
  [
    byToken,
    [
      'HUB_TOKEN_MISSING',
      'HUB_TOKEN_INVALID',
      'HUB_USER_UNKNOWN',
      'HUB_USER_DISABLED',
      'HUB_USER_LOCKED',
      'HUB_SCOPE_INSUFFICIENT',
      'HUB_SIGN_ON_DENIED',
    ],
  ],
  [secured('client'), ['HUB_TOKEN_MISSING', 'HUB_TOKEN_INVALID', 'HUB_SCOPE_INSUFFICIENT']],
  [onPath(/^\/admin\//), ['HUB_ROLE_REQUIRED', 'HUB_ADMIN_ADDRESS', 'HUB_ADMIN_AUDIENCE']],
  [onPath(/^\/admin\/(?!second-factor|session$)/), ['HUB_SECOND_FACTOR_REQUIRED']],
  [onPath(/^\/v1\/enterprises\/\{id\}\/agents/), ['HUB_LEGAL_REPRESENTATIVE_REQUIRED', 'HUB_ENTERPRISE_FROZEN']],
  [onPath(/^\/v1\/enterprises\/\{id\}\/documents/), ['HUB_MANDATE_REQUIRED']],
  [onPath(/\{(id|code|agentId|documentId)\}/), ['HUB_NO_RECORD']],
  [onPath(/^\/(v1\/(?!catalog)|admin\/)/), ['HUB_RATE_LIMITED', 'HUB_AUDIT_UNAVAILABLE', 'HUB_STORE_UNAVAILABLE']],
  [({ service }) => service !== null, ['HUB_OVERLOADED']],
  [() => true, ['HUB_INTERNAL']],
  // Whoever asks: an administrator may have taken it off line, or its time may be over.
  [({ service }) => service !== null, ['HUB_SERVICE_NOT_OPEN', 'HUB_SERVICE_WITHDRAWN']],
  [(traits) => isAdmitted(traits) && traits.service?.contract.identity !== 'login', ['HUB_REAL_NAME_REQUIRED']],
  [(traits) => isPersonal(traits) && Boolean(traits.service?.contract.face), ['HUB_FACE_REQUIRED', 'HUB_FACE_INVALID']],
  [(traits) => isPersonal(traits) && Boolean(traits.service?.contract.face?.once), ['HUB_FACE_USED']],
  [
    (traits) => isAdmitted(traits) && traits.service !== null && ofEnterprise(traits.service),
    ['HUB_MANDATE_REQUIRED', 'HUB_ENTERPRISE_FROZEN'],
  ],
  [(traits) => isPersonal(traits) && Boolean(traits.service?.contract.dependants), ['HUB_MANDATE_REQUIRED']],
  [
    (traits) => isPersonal(traits) && Boolean(traits.service?.needsAccount),
    ['HUB_ACCOUNT_UNBOUND', 'HUB_ACCOUNT_REAUTHORISE', 'HUB_ACCOUNT_SUSPENDED', 'HUB_SEVERAL_RECORDS'],
  ],
  [isAsked, AGENCY],
  [(traits) => isAsked(traits) && isPersonal(traits), ['HUB_UPSTREAM_WRONG_SUBJECT']],
  [(traits) => isAsked(traits) && traits.service?.rows === 'one', ['HUB_NO_RECORD', 'HUB_SEVERAL_RECORDS']],
  [(traits) => isAsked(traits) && traits.service?.rows === 'many', ['HUB_TOO_MANY_ROWS']],
  [isAsked, ['HUB_NOT_ACCEPTABLE']],
  [({ place }) => hasKey(place), ['HUB_IDEMPOTENCY_KEY_MISSING', 'HUB_IDEMPOTENCY_CONFLICT', 'HUB_AGENCY_CLOSED']],
  [({ service }) => service?.contract.booking !== undefined, ['HUB_BOOKING_STATE', 'HUB_NO_RECORD', 'HUB_SEVERAL_RECORDS']],
  [
    ({ place, service }) => hasKey(place) && service?.contract.booking !== undefined,
    ['HUB_BOOKING_FULL', 'HUB_BOOKING_SLOT', 'HUB_BOOKING_RULE', 'HUB_BOOKING_VISITOR', 'HUB_ACCOUNT_UNBOUND', 'HUB_ACCOUNT_REAUTHORISE'],
  ],
  [({ place, service }) => hasKey(place) && service?.contract.submission?.precheck !== undefined, ['HUB_FILING_UNFIT', ...AGENCY]],
  [({ place, service }) => hasKey(place) && service?.contract.submission?.against !== undefined, AGENCY],
  [({ place, service }) => hasKey(place) && service?.contract.submission?.otp !== undefined, ['HUB_CODE_WRONG', ...AGENCY]],
]

/** Of two persons each is somebody. */
const SECOND: readonly ErrorCode[] = ['HUB_REAL_NAME_REQUIRED', 'HUB_NO_RECORD']

/** What may have come between a request and its confirmation. */
const DONE: readonly ErrorCode[] = [
  'HUB_CANDIDATE_UNPROVEN',
  'HUB_REQUEST_STATE',
  'HUB_IDENTITY_TAKEN',
  'HUB_IDENTITY_VERIFIED',
  'HUB_IDENTITY_DIFFERS',
  'HUB_MANDATE_EXISTS',
  'HUB_ACCOUNT_CONFLICT',
  'HUB_ACCOUNT_BUSY',
  'HUB_ENTERPRISE_BOUND',
  'HUB_ENTERPRISE_FROZEN',
]

/** What trying a code can end with. */
const CODE: readonly ErrorCode[] = ['HUB_SECOND_FACTOR_STATE', 'HUB_SECOND_FACTOR_WRONG', 'HUB_SECOND_FACTOR_LOCKED']

/** Whoever subscribes must be let in by the service, and is answered by it. */
const SUBSCRIBED: readonly ErrorCode[] = [
  'HUB_SERVICE_NOT_OPEN',
  'HUB_SERVICE_WITHDRAWN',
  'HUB_REAL_NAME_REQUIRED',
  'HUB_FACE_REQUIRED',
  'HUB_FACE_INVALID',
  'HUB_MANDATE_REQUIRED',
  'HUB_ENTERPRISE_FROZEN',
  'HUB_ACCOUNT_UNBOUND',
  'HUB_ACCOUNT_REAUTHORISE',
  'HUB_ACCOUNT_SUSPENDED',
  'HUB_SEVERAL_RECORDS',
  'HUB_NO_RECORD',
  'HUB_TOO_MANY_ROWS',
  'HUB_UPSTREAM_WRONG_SUBJECT',
]

/** Somebody else's role, or a state that is another by now. */
const PARTNER: readonly ErrorCode[] = ['HUB_ROLE_REQUIRED', 'HUB_REQUEST_STATE']
/** What a token can end with that need not be there. */
const TOKEN_ONLY: readonly ErrorCode[] = [
  'HUB_TOKEN_INVALID',
  'HUB_USER_UNKNOWN',
  'HUB_USER_DISABLED',
  'HUB_USER_LOCKED',
  'HUB_SCOPE_INSUFFICIENT',
  'HUB_SIGN_ON_DENIED',
]

/** What operations of the hub itself can end with beyond that, by operation id. */
const OWN: Readonly<Record<string, readonly ErrorCode[]>> = {
  catalog: [...TOKEN_ONLY, ...(['HUB_RATE_LIMITED', 'HUB_AUDIT_UNAVAILABLE', 'HUB_STORE_UNAVAILABLE'] as const)],
  'hub.me.enterprises.bind': ['HUB_REAL_NAME_REQUIRED', 'HUB_NO_RECORD', 'HUB_ENTERPRISE_BOUND', 'HUB_ENTERPRISE_UNFIT', ...AGENCY],
  'hub.me.enterprises.search': ['HUB_REAL_NAME_REQUIRED', 'HUB_NO_RECORD', ...AGENCY],
  'hub.me.files.add': [
    'HUB_VALIDATION',
    'HUB_MEDIA_TYPE',
    'HUB_BODY_TOO_LARGE',
    'HUB_FILE_QUOTA',
    'HUB_FILE_REFUSED',
    'HUB_UPSTREAM_UNAVAILABLE',
  ],
  'hub.me.files.content': ['HUB_FILE_STATE'],
  'hub.me.files.delete': ['HUB_FILE_STATE'],
  'hub.me.uploads.begin': ['HUB_VALIDATION', 'HUB_MEDIA_TYPE', 'HUB_BODY_TOO_LARGE', 'HUB_FILE_QUOTA', 'HUB_UPSTREAM_UNAVAILABLE'],
  'hub.me.uploads.go-on': ['HUB_FILE_STATE', 'HUB_BODY_TOO_LARGE', 'HUB_MEDIA_TYPE'],
  'hub.me.uploads.end': ['HUB_FILE_STATE'],
  'hub.entry-code': ['HUB_NOTICE_INVALID', 'HUB_SERVICE_UNKNOWN'],
  'hub.me.family.admit': ['HUB_MANDATE_EXISTS', 'HUB_REAL_NAME_REQUIRED', 'HUB_FACE_REQUIRED', 'HUB_FACE_INVALID'],
  'hub.enterprises.agents.add': ['HUB_MANDATE_EXISTS'],
  'hub.me.message-settings.change': ['HUB_UPSTREAM_UNREACHABLE'],
  'hub.me.statistics-consent.slip': ['HUB_REQUEST_STATE'],
  'hub.me.subscriptions.add': [...SUBSCRIBED, ...AGENCY],
  'hub.me.submissions': ['HUB_MANDATE_REQUIRED', 'HUB_ENTERPRISE_FROZEN'],
  'hub.partner-applications.begin': ['HUB_UPSTREAM_UNREACHABLE'],
  'hub.partner-applications.confirm': ['HUB_NO_RECORD', 'HUB_CODE_WRONG', 'HUB_REQUEST_STATE'],
  'hub.partner-applications.read': ['HUB_NO_RECORD'],
  'hub.partner-applications.papers.add': [
    'HUB_NO_RECORD',
    'HUB_REQUEST_STATE',
    'HUB_MEDIA_TYPE',
    'HUB_BODY_TOO_LARGE',
    'HUB_FILE_REFUSED',
    'HUB_FILE_QUOTA',
    'HUB_UPSTREAM_UNAVAILABLE',
  ],
  'hub.partner-applications.papers.remove': ['HUB_NO_RECORD', 'HUB_REQUEST_STATE'],
  'hub.partner-applications.withdraw': ['HUB_NO_RECORD', 'HUB_REQUEST_STATE'],
  'hub.partners.join': ['HUB_REAL_NAME_REQUIRED', 'HUB_NO_RECORD', 'HUB_REQUEST_STATE', 'HUB_SECOND_PERSON'],
  'hub.partners.invitations': ['HUB_ROLE_REQUIRED'],
  'hub.partners.invite': PARTNER,
  'hub.partners.invitations.withdraw': ['HUB_ROLE_REQUIRED'],
  'hub.partners.members.remove': PARTNER,
  'hub.partners.applications.apply': PARTNER,
  'hub.partners.applications.change': PARTNER,
  'hub.partners.reviews.withdraw': PARTNER,
  'hub.partners.keys.add': PARTNER,
  'hub.partners.webhooks.add': PARTNER,
  'hub.partners.webhooks.enable': PARTNER,
  'hub.partners.webhook-deliveries.replay': PARTNER,
  'face-verification.start': ['HUB_REAL_NAME_REQUIRED', 'HUB_UPSTREAM_UNAVAILABLE', 'HUB_UPSTREAM_INVALID', 'HUB_UPSTREAM_REFUSED'],
  'face-verification.start-for': ['HUB_REAL_NAME_REQUIRED', 'HUB_UPSTREAM_UNAVAILABLE', 'HUB_UPSTREAM_INVALID', 'HUB_UPSTREAM_REFUSED'],
  'face-verification.read-for': ['HUB_FACE_INVALID', 'HUB_UPSTREAM_UNAVAILABLE'],
  'face-verification.read': ['HUB_FACE_INVALID', 'HUB_UPSTREAM_UNAVAILABLE'],
  'accounts.deregister': ['HUB_FACE_REQUIRED', 'HUB_FACE_USED', 'HUB_ACCOUNT_BUSY'],
  'admin.users.real-name': ['HUB_IDENTITY_TAKEN', 'HUB_IDENTITY_VERIFIED', ...SECOND],
  'admin.users.change': ['HUB_REQUEST_STATE'],
  'admin.users.phone': SECOND,
  'admin.users.delete': ['HUB_ACCOUNT_BUSY', ...SECOND],
  'admin.enterprises.register': SECOND,
  'admin.enterprises.change': ['HUB_REQUEST_STATE', ...SECOND],
  'admin.enterprises.delete': ['HUB_REQUEST_STATE', ...SECOND],
  'admin.enterprises.representative': ['HUB_ENTERPRISE_BOUND', 'HUB_ENTERPRISE_FROZEN', ...SECOND],
  'admin.enterprises.export': ['HUB_TOO_MANY_ROWS'],
  'admin.users.export': ['HUB_TOO_MANY_ROWS'],
  'admin.mandates.guardian': ['HUB_MANDATE_EXISTS', ...SECOND],
  'admin.mandates.operator': ['HUB_MANDATE_EXISTS', ...SECOND],
  layouts: [...TOKEN_ONLY, 'HUB_NO_RECORD'],
  'admin.search.rules.put': ['HUB_CHANGED_MEANWHILE'],
  'admin.layouts.save': ['HUB_CHANGED_MEANWHILE'],
  'admin.layouts.publish': ['HUB_CHANGED_MEANWHILE', 'HUB_NO_RECORD'],
  'admin.layouts.roll-back': ['HUB_CHANGED_MEANWHILE', 'HUB_NO_RECORD'],
  'admin.layouts.unpublish': ['HUB_CHANGED_MEANWHILE', 'HUB_NO_RECORD'],
  'admin.layouts.read': ['HUB_NO_RECORD'],
  'admin.layouts.preview': ['HUB_NO_RECORD'],
  'admin.layouts.delete': ['HUB_NO_RECORD'],
  'admin.capability-groups.change': ['HUB_CHANGED_MEANWHILE'],
  'admin.capabilities.change': ['HUB_CHANGED_MEANWHILE'],
  'admin.capabilities.deprecate': ['HUB_CHANGED_MEANWHILE'],
  'admin.capabilities.publish': ['HUB_CHANGED_MEANWHILE'],
  'admin.clients.register': ['HUB_CLIENT_EXISTS'],
  'admin.clients.change': SECOND,
  'admin.clients.trust': SECOND,
  'admin.administrators.change': SECOND,
  'admin.moves.merge': ['HUB_ACCOUNT_CONFLICT', 'HUB_IDENTITY_DIFFERS', ...SECOND],
  'admin.moves.split': ['HUB_ACCOUNT_CONFLICT', ...SECOND],
  'admin.partners.suspend': ['HUB_REQUEST_STATE'],
  'admin.partners.resume': ['HUB_REQUEST_STATE'],
  'admin.partner-reviews.review': ['HUB_REQUEST_STATE', 'HUB_SECOND_PERSON', ...SECOND],
  'admin.partner-reviews.approve': ['HUB_REQUEST_STATE', 'HUB_SECOND_PERSON', ...SECOND],
  'admin.partner-reviews.refuse': ['HUB_REQUEST_STATE', 'HUB_SECOND_PERSON', ...SECOND],
  'admin.partner-applications.state': ['HUB_REQUEST_STATE'],
  'admin.partner-applications.limits': ['HUB_REQUEST_STATE'],
  'admin.requests.confirm': [...DONE, 'HUB_SECOND_PERSON', ...SECOND],
  'admin.requests.reject': ['HUB_REQUEST_STATE', 'HUB_SECOND_PERSON', ...SECOND],
  'admin.requests.withdraw': ['HUB_REQUEST_STATE'],
  'admin.second-factor.enrol': ['HUB_ENROLMENT_CODE', 'HUB_SECOND_FACTOR_STATE'],
  'admin.administrators.enrolment-code': ['HUB_SECOND_FACTOR_STATE'],
  'admin.second-factor.confirm': CODE,
  'admin.session.open': CODE,
  'admin.security-settings.change': ['HUB_REQUEST_STATE', ...SECOND],
  'admin.connectors.candidate.change': ['HUB_CANDIDATE_UNPROVEN'],
  'admin.connectors.candidate.promote': ['HUB_CANDIDATE_UNPROVEN', 'HUB_REQUEST_STATE', ...SECOND],
  'admin.moves.undo': ['HUB_ACCOUNT_UNDO'],
}

/** What turns a page for browsers away is shown as a page, not as a problem document. */
const isPage = ({ path }: Place) => path.startsWith('/sign-on')

/** → the codes that an operation can end with; one that is missing still fits the `default` answer. */
export function codesOf(place: Place, services: ReadonlyMap<string, RuledService>): ErrorCode[] {
  if (isPage(place)) return []
  const { operationId } = place.operation
  const service = services.get(operationId.replace(/\.(list|status)$/, '')) ?? null
  const traits = { place, service, kept: Boolean(service?.keeps) && place.method !== 'post' }
  const found = RULES.flatMap(([applies, codes]) => (applies(traits) ? codes : []))
  return [...new Set([...found, ...(OWN[operationId] ?? [])])]
}
