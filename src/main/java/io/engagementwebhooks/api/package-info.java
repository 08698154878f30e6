/**
 * The REST API: takes an authenticated request and answers with views of what is stored. It knows no page and no route
 * of a delivery.
 */
package io.engagementwebhooks.api;
