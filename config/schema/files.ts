import Type from 'typebox'
import { secret } from './secret.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument'

/** Files that people bring. */
export const filesSettings = {
  FILE_STORE: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+|[^:]+)?$',
    description: 'Where users’ files lie, sealed: a folder, or https://host/bucket of anything that speaks S3 (empty: files/ in DATA_DIR)',
  }),
  FILE_S3_REGION: Type.String({ default: 'auto', maxLength: 64, description: 'Region of that bucket' }),
  FILE_S3_KEY_ID: Type.String({ default: '', maxLength: 200, description: 'Access key id for it' }),
  FILE_S3_SECRET: Type.String({ default: '', description: 'Secret key that belongs to it', ...secret }),
  FILE_SCANNER: Type.String({
    default: '',
    pattern: '^(off|unix:/.+|tcp://[^/]+:[0-9]+)?$',
    description:
      'clamd that looks for viruses: tcp://host:3310 or unix:/path; off says on purpose that none does (empty: none in the sandbox, and no uploads without it)',
  }),
  FILE_MEDIA_TYPES: Type.String({
    default: `image/jpeg,image/png,image/webp,image/heic,application/pdf,application/zip,${OFFICE}.wordprocessingml.document,${OFFICE}.spreadsheetml.sheet,video/mp4,audio/mpeg`,
    description: 'Media types that may be uploaded, comma-separated, as their bytes show them',
  }),
  FILE_MAX_MB: Type.Integer({ default: 4096, minimum: 1, maximum: 4096, description: 'Largest file, in megabytes' }),
  FILE_QUOTA_MB: Type.Integer({ default: 8192, minimum: 1, maximum: 1_000_000, description: 'What the files of one user may come to' }),
  FILE_KEEP_HOURS: Type.Integer({
    default: 168,
    minimum: 1,
    maximum: 8760,
    description: 'Hours for which a file that no filing holds is kept',
  }),
  FILE_UPLOAD_HOURS: Type.Integer({
    default: 24,
    minimum: 1,
    maximum: 720,
    description: 'Hours for which an upload that broke off can be resumed',
  }),
  PARTNER_PAPERS_DAYS: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 3650,
    description: 'Days after which the papers of an organisation whose application was refused or withdrawn are erased',
  }),
}
