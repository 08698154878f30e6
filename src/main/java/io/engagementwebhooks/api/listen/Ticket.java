package io.engagementwebhooks.api.listen;

/**
 * What a listener's response is recorded by. It is sealed and goes with the request, so that any instance accepts the
 * response.
 *
 * @param delivery id of the delivery that it is recorded as, a ULID
 * @param webhook name or id of the webhook, or null: the default
 * @param to the listener's URL
 * @param event key of the event
 * @param at when the request was signed, in milliseconds since 1970
 */
record Ticket(String delivery, String account, String webhook, String to, long event, long at) {}
