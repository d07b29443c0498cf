import { deleteRows, type PersonalData } from '../store/personal-data.ts'

const kept = 'who changed what the citizens see is on record as the change is'

/** What a user chose and used himself. */
const OWN = ['favourite_services', 'recent_services']

export const personalData: PersonalData = {
  sealed: [],
  users: [
    { table: 'catalogue_categories', column: 'changed_by', kept },
    { table: 'catalogue_services', column: 'changed_by', kept },
    { table: 'capabilities', column: 'changed_by', kept },
    { table: 'capability_events', column: 'done_by', kept },
    { table: 'capability_groups', column: 'created_by', kept },
    { table: 'capability_groups', column: 'changed_by', kept },
    ...OWN.map((table) => ({ table, column: 'user_id' })),
  ],
  erase: (erasure) => deleteRows(erasure, OWN),
}
