package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody who looks at the pages without a browser: keeps the cookie, sends forms with the page's token. For one thread. */
final class Visitor {

    private static final Pattern TOKEN = Pattern.compile("name=\"_token\" value=\"([^\"]+)\"");

    private final RunningProduct product;
    String cookie = "";
    String token = "";

    Visitor(RunningProduct product) {
        this.product = product;
    }

    /** Signs in, which must work. */
    static Visitor signedIn(RunningProduct product, String key) {
        Visitor visitor = new Visitor(product);
        HttpResponse<String> answer = visitor.post("/console/sign-in", "key", key);
        if (answer.statusCode() != 303 || visitor.cookie.isEmpty()) {
            throw new AssertionError("signing in answered " + answer.statusCode() + ": " + answer.body());
        }
        visitor.get(answer.headers().firstValue("Location").orElseThrow());
        return visitor;
    }

    HttpResponse<String> get(String path) {
        HttpResponse<String> answer = product.send(request(path).GET().build());
        Matcher found = TOKEN.matcher(answer.body());
        if (found.find()) {
            token = found.group(1);
        }
        return answer;
    }

    /** Sends a form, with the token of the last page. @param fields names and values in turn */
    HttpResponse<String> post(String path, String... fields) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.addAll(List.of("_token", token));
        return postAsItIs(path, all.toArray(String[]::new));
    }

    /** Sends a form of these fields and no others. */
    HttpResponse<String> postAsItIs(String path, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append(i == 0 ? "" : "&")
                    .append(encoded(fields[i]))
                    .append('=')
                    .append(encoded(fields[i + 1]));
        }
        HttpResponse<String> answer = product.send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                .build());
        answer.headers().firstValue("Set-Cookie").ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
        return answer;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(product.url(path));
        return cookie.isEmpty() ? request : request.header("Cookie", cookie);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
