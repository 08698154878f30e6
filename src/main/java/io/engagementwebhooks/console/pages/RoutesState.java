package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the routes that run stand to their files.
 *
 * @param current whether they are what the files say
 * @param since when it became so
 * @param faults why not; none are told to whom it does not concern
 */
public record RoutesState(boolean current, String since, List<String> faults) {

    static RoutesState of(Api api, Session session) {
        JsonNode routes = api.get(session, "showRoutes", "/v1/routes", Map.of()).body();
        List<String> faults = new ArrayList<>();
        routes.path("faults").forEach(fault -> faults.add(fault.asText()));
        return new RoutesState(
                routes.path("current").asBoolean(), routes.path("since").asText(), List.copyOf(faults));
    }
}
