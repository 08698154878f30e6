package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.changed;
import static io.engagementwebhooks.console.Visitor.plus;
import static io.engagementwebhooks.console.Visitor.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An account with many OAuth clients, connections and keys: no page shows all of them, and each can be found. */
@Timeout(300)
class ManyResourcesTest {

    private static final String KEY = "acme-admin-key-of-many";
    private static final int CLIENTS = 230;
    private static final int OTHERS = 60;
    private static final int ENDING = 12;
    private static final int PAGE = 50;
    private static final String LAST = "client-229";
    /** A client whose name is part of all other names, and the last one. */
    private static final String SHORT = "t";

    @AutoClose
    private static RunningProduct product;

    private static Visitor anna;

    private static String config() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: anna, role: admin, key: %s}
                %s
                    signingKeys:
                %s
                    oauthClients:
                      - {name: t, clientId: a, clientSecret: s, authenticationEndpoint: "https://auth.example.com"}
                %s
                    connections:
                %s
                """
                .formatted(
                        KEY,
                        lines(OTHERS - 1, i -> "{name: api-key-%03d, role: read, key: acme-read-key-of-many-%03d}"
                                .formatted(i, i)),
                        lines(OTHERS, i -> "{id: signing-%03d, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL%03d}"
                                .formatted(i, i)),
                        lines(CLIENTS, i -> ("{name: client-%03d, clientId: a, clientSecret: s,"
                                        + " authenticationEndpoint: \"https://auth.example.com\"}")
                                .formatted(i)),
                        lines(OTHERS, i -> ("{name: connection-%03d, type: contentsquare, clientId: a, clientSecret: s,"
                                        + " integrationVersion: 1, createdOn: %s,"
                                        + " schema: [{name: call_duration, type: INT}]}")
                                .formatted(i, i % 5 == 0 ? today.minusDays(350) : today)));
    }

    private static String lines(int many, IntFunction<String> line) {
        return IntStream.range(0, many)
                .mapToObj(i -> "      - " + line.apply(i))
                .collect(Collectors.joining("\n"));
    }

    @BeforeAll
    static void start() {
        product = RunningProduct.shared(config());
        anna = Visitor.signedIn(product, KEY);
    }

    private static List<String> names(String section) {
        List<String> names = new ArrayList<>();
        Matcher found = Pattern.compile("<a href=\"/console/settings/[a-z-]+/[^\"]+\">([^<]+)</a>")
                .matcher(section);
        while (found.find()) {
            names.add(found.group(1));
        }
        return names;
    }

    private static String next(String section) {
        Matcher found = Pattern.compile("<a class=\"button\" href=\"([^\"]+)\" rel=\"next\">")
                .matcher(section);
        return found.find() ? found.group(1).replace("&amp;", "&") : null;
    }

    private static List<List<String>> pages(String path) {
        List<List<String>> pages = new ArrayList<>();
        for (String at = path; at != null; at = next(anna.get(at).body())) {
            pages.add(names(anna.get(at).body()));
        }
        return pages;
    }

    @ParameterizedTest
    @CsvSource({"oauth-clients, name, 231", "connections, name, 60", "signing-keys, id, 60", "api-keys, name, 60"})
    void settings_show_a_page_of_each_kind_and_its_link_leads_to_the_next(String list, String member, int many) {
        List<List<String>> pages = pages("/console/settings/" + list);

        assertEquals((many + PAGE - 1) / PAGE, pages.size());
        assertEquals(PAGE, pages.get(0).size());
        List<String> all = pages.stream().flatMap(List::stream).toList();
        assertEquals(many, all.size());
        assertEquals(all.stream().distinct().sorted().toList(), all, "none is missing or there twice");
        assertEquals(members("/v1/" + list, member), pages.get(0), "the API has the same order");
    }

    private static List<String> members(String list, String member) {
        List<String> members = new ArrayList<>();
        product.read(list, KEY)
                .path("items")
                .forEach(item -> members.add(item.path(member).asText()));
        return members;
    }

    @Test
    void settings_are_found_by_a_part_of_their_name_page_after_page() {
        String none = anna.get("/console/settings/connections?text=CLIENT-1").body();
        assertTrue(none.contains("<h2>No results</h2>"), none);
        assertTrue(none.contains("href=\"/console/settings/connections\">Clear filters</a>"), none);
        String page = anna.get("/console/settings/oauth-clients?text=CLIENT-1").body();
        assertTrue(
                page.contains("name=\"text\" type=\"search\" placeholder=\"Search names\" value=\"CLIENT-1\""), page);

        List<List<String>> pages = pages("/console/settings/oauth-clients?text=CLIENT-1");
        assertEquals(2, pages.size());
        assertEquals(
                IntStream.range(100, 200).mapToObj(i -> "client-" + i).toList(),
                pages.stream().flatMap(List::stream).toList());
    }

    @Test
    void the_overview_counts_those_that_need_attention_and_links_to_them() {
        List<String> ending = IntStream.range(0, OTHERS)
                .filter(i -> i % 5 == 0)
                .mapToObj("connection-%03d"::formatted)
                .toList();
        assertEquals(ENDING, ending.size());

        String overview = anna.get("/console/overview").body();
        String more = "/console/settings/connections?attention=true";
        assertTrue(
                overview.contains("href=\"" + more + "\">Connections</a> <span class=\"soft\">Ending within 30 days: "
                        + ENDING + ".</span>"),
                overview);
        assertFalse(overview.contains(">OAuth clients</a>"), "a working client needs no attention");

        assertEquals(ending, names(anna.get(more).body()));
        assertEquals(ending, members("/v1/connections?attention=true", "name"));
    }

    @Test
    void a_cursor_is_refused_by_its_list_with_other_filters() {
        String cursor = product.read("/v1/oauth-clients", KEY).path("next").asText();
        for (String narrowed : List.of("text=client", "attention=true")) {
            HttpResponse<String> refused = product.get("/v1/oauth-clients?" + narrowed + "&cursor=" + cursor, KEY);
            assertEquals(400, refused.statusCode(), refused.body());
        }
        HttpResponse<String> refused = product.get("/v1/oauth-clients?attention=maybe", KEY);
        assertEquals(400, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("parameter 'attention' must be one of failing, true"), refused.body());
    }

    private static String make(String name, String client) {
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                KEY,
                "application/json",
                "{\"name\": \"" + name
                        + "\", \"events\": [\"never\"], \"delivery\": {\"url\": \"https://crm.example.com\","
                        + " \"authentication\": {\"type\": \"oauth2\", \"client\": \"" + client + "\"}}}");
        assertEquals(201, made.statusCode(), made.body());
        return "/console/builder/" + name;
    }

    @Test
    void a_client_chosen_among_many_stays_when_the_webhook_is_saved() {
        String path = make("by-the-last", LAST);
        JsonNode before = product.read("/v1/webhooks/by-the-last", KEY).path("definition");

        String page = anna.get(path).body();
        assertTrue(
                page.contains("<input id=\"client\" name=\"client\" value=\"" + LAST + "\" list=\"client-names\""),
                page);
        assertFalse(page.contains("does not exist"), page);
        assertTrue(page.contains("<select id=\"connection\""), "few are picked from a list");
        HttpResponse<String> saved = anna.post(path, plus(Visitor.fields(page, "builder"), "do", "save"));

        assertEquals(303, saved.statusCode(), saved.body());
        assertEquals(before, product.read("/v1/webhooks/by-the-last", KEY).path("definition"));
    }

    @Test
    void names_that_contain_the_typed_text_are_offered() {
        String page = anna.get("/console/builder").body();
        assertEquals(
                200,
                options(page.substring(page.indexOf("<datalist id=\"client-names\">")))
                        .size());
        assertTrue(page.contains("hx-get=\"/console/builder-names/client\""), page);

        assertEquals(
                IntStream.range(220, 230).mapToObj(i -> "client-" + i).toList(),
                options(anna.renewed("/console/builder-names/client?client=" + encoded("ENT-22"))));
        assertEquals(404, anna.get("/console/builder-names/nothing").statusCode());
    }

    @Test
    void an_exact_match_is_offered_first_and_a_truncated_list_says_so() {
        String offered = anna.renewed("/console/builder-names/client?client=" + SHORT);
        assertEquals(201, options(offered).size());
        assertEquals(SHORT, options(offered).get(0));
        assertTrue(
                offered.contains("<p id=\"client-offered\">More names contain this: type more of the name"), offered);

        String few = anna.renewed("/console/builder-names/client?client=client-22");
        assertTrue(few.contains("<p id=\"client-offered\"></p>"), few);
        String none = anna.renewed("/console/builder-names/client?client=unknown");
        assertTrue(none.contains("No name contains this."), none);
        String page = anna.get("/console/builder").body();
        assertTrue(page.contains("<p class=\"hint\" id=\"client-offered\" role=\"status\"></p>"), page);
        assertTrue(page.contains("or type the whole name."), "the first are all that is offered without JavaScript");
    }

    @Test
    void a_name_that_is_offered_with_its_kind_is_shown_with_both() {
        String connections = anna.renewed("/console/builder-names/connection?connection=connection-007");
        assertTrue(
                connections.contains(
                        "<option value=\"connection-007\" label=\"connection-007 (contentsquare)\"></option>"),
                connections);
        String clients = anna.renewed("/console/builder-names/client?client=" + LAST);
        assertTrue(clients.contains("<option value=\"" + LAST + "\"></option>"), clients);
    }

    @Test
    void suggestions_after_the_end_of_the_session_keep_the_form() {
        Visitor signedOut = new Visitor(product);
        for (Visitor visitor : List.of(signedOut, Visitor.signedIn(product, RunningProduct.OPERATOR))) {
            HttpResponse<String> answer = visitor.partial("/console/builder-names/client?client=a");
            assertEquals(401, answer.statusCode(), answer.body());
            assertTrue(answer.headers().firstValue("HX-Redirect").isEmpty(), "nothing leads away");
        }
        assertEquals(
                "/console/sign-in",
                signedOut
                        .partial("/console/overview")
                        .headers()
                        .firstValue("HX-Redirect")
                        .orElseThrow());
    }

    @Test
    void the_next_page_keeps_what_is_searched_for_and_leads_back() {
        String first = anna.get("/console/settings/connections?text=-").body();
        String second = anna.get(next(first)).body();
        assertEquals(
                IntStream.range(50, 60).mapToObj("connection-%03d"::formatted).toList(), names(second));
        assertTrue(second.contains("value=\"-\""), second);
        assertTrue(second.contains("href=\"/console/settings/connections?text=-\">First page</a>"), second);
        assertFalse(first.contains("First page"), first);
    }

    @Test
    void an_unknown_position_of_a_list_is_its_start() {
        HttpResponse<String> answer = anna.get("/console/settings/oauth-clients?cursor=of-another-time");
        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals("client-000", names(answer.body()).get(0));
        assertEquals(
                400,
                anna.get("/console/settings/oauth-clients?attention=maybe&cursor=a")
                        .statusCode());
    }

    private static List<String> options(String html) {
        String list = html.contains("</datalist>") ? html.substring(0, html.indexOf("</datalist>")) : html;
        List<String> options = new ArrayList<>();
        Matcher found =
                Pattern.compile("<option value=\"([^\"]*)\"[^>]*></option>").matcher(list);
        while (found.find()) {
            options.add(found.group(1));
        }
        return options;
    }

    @Test
    void an_unknown_client_is_an_error_beside_the_field_with_the_typed_name() {
        String[] fields = Visitor.fields(anna.get(make("by-another", LAST)).body(), "builder");
        assertEquals(LAST, value(fields, "client"));
        String page = anna.post(
                        "/console/builder/by-another", plus(changed(fields, "client", "client-of-none"), "do", "save"))
                .body();
        assertTrue(page.contains("name=\"client\" value=\"client-of-none\""), page);
        assertTrue(page.contains("client-of-none does not exist."), page);
        assertTrue(page.contains("<p class=\"fault\" id=\"client-fault\">"), page);
        assertTrue(page.contains("aria-describedby=\"client-hint client-fault\""), page);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
