package io.engagementwebhooks.api.listen;

import java.util.Map;

/**
 * A request for a listener.
 *
 * @param id names it in the response's path; null: there is no request
 * @param eventId the event's id in the API
 * @param type of the event
 * @param method null: there is no request
 * @param headers those to send, without credentials
 * @param body Base64
 * @param timeout of the response
 * @param fault why there is no request, or null
 */
record ListenedRequest(
        String id,
        String eventId,
        String type,
        String method,
        Map<String, String> headers,
        String body,
        String timeout,
        String fault) {}
