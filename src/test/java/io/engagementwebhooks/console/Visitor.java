package io.engagementwebhooks.console;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A user of the pages without a browser: keeps the cookie, sends forms with the page's token. For one thread. */
public final class Visitor {

    private static final Pattern TOKEN = Pattern.compile("name=\"_token\" value=\"([^\"]+)\"");

    private static final String ATTRIBUTES = "((?:[^>\"]|\"[^\"]*\")*)>";
    private static final Pattern FIELD = Pattern.compile("<(input|textarea|select) " + ATTRIBUTES);
    private static final Pattern OPTION = Pattern.compile("<option" + ATTRIBUTES + "([^<]*)");

    private final RunningProduct product;
    String cookie = "";
    String token = "";

    public Visitor(RunningProduct product) {
        this.product = product;
    }

    /** The same browser, at another instance. */
    public Visitor at(RunningProduct other) {
        Visitor visitor = new Visitor(other);
        visitor.cookie = cookie;
        visitor.token = token;
        return visitor;
    }

    /** Signs in, and asserts success. */
    public static Visitor signedIn(RunningProduct product, String key) {
        Visitor visitor = new Visitor(product);
        HttpResponse<String> answer = visitor.post("/console/sign-in", "key", product.key(key));
        if (answer.statusCode() != 303 || visitor.cookie.isEmpty()) {
            throw new AssertionError("signing in answered " + answer.statusCode() + ": " + answer.body());
        }
        visitor.get(answer.headers().firstValue("Location").orElseThrow());
        return visitor;
    }

    public HttpResponse<String> get(String path) {
        HttpResponse<String> answer = product.send(request(path).GET().build());
        Matcher found = TOKEN.matcher(answer.body());
        if (found.find()) {
            token = found.group(1);
        }
        return answer;
    }

    /** A request of a page that updates a fragment. */
    String renewed(String path) {
        return partial(path).body();
    }

    /** As above, with the whole response. */
    HttpResponse<String> partial(String path) {
        return product.send(request(path).header("HX-Request", "true").GET().build());
    }

    /** Sends a form, with the token of the last page. @param fields names and values in turn */
    public HttpResponse<String> post(String path, String... fields) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.addAll(List.of("_token", token));
        return postAsItIs(path, all.toArray(String[]::new));
    }

    /** Sends a form with only these fields. */
    HttpResponse<String> postAsItIs(String path, String... fields) {
        return sent(request(path), fields);
    }

    /** Like {@link #post}, from a page that updates a fragment. */
    HttpResponse<String> partialPost(String path, String... fields) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.addAll(List.of("_token", token));
        HttpResponse<String> answer = sent(request(path).header("HX-Request", "true"), all.toArray(String[]::new));
        Matcher found = TOKEN.matcher(answer.body());
        token = found.find() ? found.group(1) : token;
        return answer;
    }

    private HttpResponse<String> sent(HttpRequest.Builder request, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append(i == 0 ? "" : "&")
                    .append(encoded(fields[i]))
                    .append('=')
                    .append(encoded(fields[i + 1]));
        }
        HttpResponse<String> answer = product.send(request.header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                .build());
        answer.headers().allValues("Set-Cookie").forEach(this::keep);
        return answer;
    }

    private void keep(String set) {
        String name = set.substring(0, set.indexOf('=') + 1);
        List<String> kept = new ArrayList<>(List.of(cookie.split("; ")));
        kept.removeIf(each -> each.isEmpty() || each.startsWith(name));
        if (!set.contains("; Max-Age=0;")) {
            kept.add(set.substring(0, set.indexOf(';')));
        }
        cookie = String.join("; ", kept);
    }

    /** The fields that a browser would send for the form with id "thing", unchanged: names and values in turn. */
    public static String[] fields(String page) {
        return fields(page, "thing");
    }

    /** As {@link #fields(String)}, for another form. */
    static String[] fields(String page, String id) {
        String form = page.substring(page.indexOf("<form id=\"" + id + "\""));
        form = form.substring(0, form.indexOf("</form>"));
        List<String> fields = new ArrayList<>();
        Matcher found = FIELD.matcher(form);
        while (found.find()) {
            String attributes = found.group(2);
            String inside = form.substring(found.end());
            String value =
                    switch (found.group(1)) {
                        case "input" -> attribute(attributes, "value").replaceAll("[\r\n]", "");
                        case "textarea" -> typed(inside.substring(0, inside.indexOf("</textarea>")));
                        default -> chosen(inside.substring(0, inside.indexOf("</select>")));
                    };
            boolean isChoice = attributes.contains("type=\"checkbox\"") || attributes.contains("type=\"radio\"");
            boolean isNamed = !attribute(attributes, "name").isEmpty();
            if (isNamed && (!isChoice || attributes.endsWith(" checked"))) {
                fields.addAll(List.of(attribute(attributes, "name"), value));
            }
        }
        return fields.toArray(String[]::new);
    }

    /** The value of a form's field. */
    static String value(String[] fields, String name) {
        return fields[place(fields, name) + 1];
    }

    /** A form with other values in these fields, which it has. */
    static String[] changed(String[] fields, String... changes) {
        for (int i = 0; i < changes.length; i += 2) {
            place(fields, changes[i]);
        }
        return with(fields, changes);
    }

    /** A form with other values in these fields; those that it does not have are added. */
    public static String[] with(String[] fields, String... changes) {
        String[] all = fields.clone();
        for (int i = 0; i < changes.length; i += 2) {
            int at = indexOf(all, changes[i]);
            if (at < 0) {
                all = plus(all, changes[i], changes[i + 1]);
            } else {
                all[at + 1] = changes[i + 1];
            }
        }
        return all;
    }

    /** A form with more fields, beside those of the same name. */
    static String[] plus(String[] fields, String... more) {
        return Stream.of(fields, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static int place(String[] fields, String name) {
        int at = indexOf(fields, name);
        if (at < 0) {
            throw new AssertionError("the page has no field " + name);
        }
        return at;
    }

    private static int indexOf(String[] fields, String name) {
        int at = 0;
        while (at < fields.length && !fields[at].equals(name)) {
            at += 2;
        }
        return at < fields.length ? at : -1;
    }

    private static String attribute(String attributes, String name) {
        Matcher found = Pattern.compile("(?:^|\\s)" + name + "=\"([^\"]*)\"").matcher(attributes);
        return found.find() ? unescaped(found.group(1)) : "";
    }

    /** The first line break is the page's, and each is sent as two characters. */
    private static String typed(String text) {
        return unescaped(text.replaceFirst("^\n", "")).replaceAll("\r\n|\r|\n", "\r\n");
    }

    /** The selected option, or else the first. */
    private static String chosen(String options) {
        List<String> values = new ArrayList<>();
        Matcher option = OPTION.matcher(options);
        while (option.find()) {
            String attributes = option.group(1);
            String value =
                    attributes.contains("value=\"") ? attribute(attributes, "value") : unescaped(option.group(2));
            values.add(attributes.endsWith(" selected") ? 0 : values.size(), value);
        }
        return values.get(0);
    }

    private static String unescaped(String text) {
        return text == null
                ? ""
                : text.replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&#34;", "\"")
                        .replace("&#39;", "'")
                        .replace("&amp;", "&");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(product.url(path));
        return cookie.isEmpty() ? request : request.header("Cookie", cookie);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
