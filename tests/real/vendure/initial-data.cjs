// The least that a checkout needs.
const { LanguageCode } = require('@vendure/core');

module.exports = {
    defaultLanguage: LanguageCode.en,
    defaultZone: 'Everywhere',
    countries: [{ name: 'Singapore', code: 'SG', zone: 'Everywhere' }],
    taxRates: [{ name: 'Standard Tax', percentage: 10 }],
    shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
    paymentMethods: [
        {
            name: 'Standard Payment',
            handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
        },
    ],
    collections: [],
};
