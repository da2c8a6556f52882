import { openSqliteDatabase } from '../../src/database/sqlite/open-sqlite-database.ts'

// Creates accounts in the database file named on the command line, and writes each name when it was acknowledged.
const database = await openSqliteDatabase(process.argv[2] ?? '')
for (let count = 0; ; count++) {
  const { name } = await database.accounts.create(`account ${count}`)
  process.stdout.write(`${name}\n`)
}
