import type { PersonalData } from '../store/personal-data.ts'

const kept = 'who changed what the citizens see is on record as the change is'

export const personalData: PersonalData = {
  sealed: [],
  users: [
    { table: 'layouts', column: 'changed_by', kept },
    { table: 'search_rules', column: 'changed_by', kept },
    { table: 'hot_words', column: 'added_by', kept },
    { table: 'layout_versions', column: 'published_by', kept },
  ],
}
