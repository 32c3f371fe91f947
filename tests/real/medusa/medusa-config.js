// A Medusa for tests, on a PostgreSQL of their own, without its dashboard.
const { defineConfig } = require('@medusajs/framework/utils');

module.exports = defineConfig({
    projectConfig: {
        databaseUrl: process.env.DATABASE_URL,
        databaseDriverOptions: { ssl: false, connection: { ssl: false } },
        http: {
            storeCors: 'http://localhost',
            adminCors: 'http://localhost',
            authCors: 'http://localhost',
            jwtSecret: 'tests',
            cookieSecret: 'tests',
        },
    },
    admin: { disable: true },
});
