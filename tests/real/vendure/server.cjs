// A whole Vendure in memory, with the products of a CSV file. Says READY when it answers; nothing of it is kept.
const { bootstrap, DefaultJobQueuePlugin, DefaultLogger, LogLevel, dummyPaymentHandler } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const config = {
    apiOptions: {
        hostname: '127.0.0.1',
        port: Number(process.env.VENDURE_PORT),
        adminApiPath: 'admin-api',
        shopApiPath: 'shop-api',
    },
    authOptions: {
        tokenMethod: ['bearer', 'api-key'],
        superadminCredentials: { identifier: 'superadmin', password: process.env.VENDURE_PASSWORD },
        requireVerification: false,
    },
    dbConnectionOptions: { type: 'sqljs', synchronize: true, logging: false, autoSave: false },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    importExportOptions: { importAssetsDir: __dirname },
    logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
    plugins: [DefaultJobQueuePlugin.init({})],
};

(async () => {
    await populate(() => bootstrap(config), require('./initial-data.cjs'), process.env.VENDURE_PRODUCTS);
    console.log('READY');
})().catch(error => {
    console.error(error);
    process.exit(1);
});
