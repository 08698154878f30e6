package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Body;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Signing;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Template;
import io.engagementwebhooks.webhook.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads the target of a webhook that sends HTTP: URL, method, body, headers. */
final class HttpTargetReader {

    private HttpTargetReader() {}

    static Optional<Target> read(Mapping delivery, Authentication authentication, SigningReader signings) {
        Optional<URI> url = delivery.url("url");
        return request(delivery, authentication, url.map(HttpTargetReader::canonical), signings::read)
                .map(Target.class::cast);
    }

    /** A webhook's own request to the path in {@code party}, with the delivery's body, method and headers. */
    static Optional<Target> ownRequest(Mapping delivery, Mapping party, SigningReader signings) {
        Optional<URI> path = party.text("path").flatMap(text -> path(party, text));
        return request(delivery, new Authentication.None(), path, signings::readForPath)
                .map(Target.OwnRequest::new);
    }

    private static Optional<URI> path(Mapping party, String text) {
        if (text.indexOf('{') >= 0) {
            party.fault(
                    "path",
                    "macro-in-path",
                    "'path' holds a macro, which is not replaced there",
                    "put it into the body");
            return Optional.empty();
        }
        try {
            URI path = URI.create(new URI(text.strip()).toASCIIString());
            boolean onlyPath = !path.isAbsolute() && path.getRawAuthority() == null && path.getRawFragment() == null;
            if (onlyPath
                    && path.getRawPath().startsWith("/")
                    && path.normalize().equals(path)) {
                return Optional.of(path);
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        party.fault(
                "path",
                "path",
                "'path' is no path",
                "a path of the third party, such as /services/apexrest/calls; the connection gives the host");
        return Optional.empty();
    }

    private static Optional<Target.Http> request(
            Mapping delivery,
            Authentication authentication,
            Optional<URI> url,
            BiFunction<Mapping, Set<String>, Signing> signings) {
        Optional<Body> body = body(delivery);
        Map<String, Template> headers = headers(delivery);
        ApiKeyReader.checkOwnHeaders(delivery, authentication, headers.keySet());
        Signing signing = signings.apply(delivery, headers.keySet());
        ApiKeyReader.checkSigned(delivery, authentication, signing);
        Optional<Tls> tls = TlsReader.read(delivery, "tls");
        url.ifPresent(known -> TlsReader.refuseOverPlainHttp(delivery, known, "a URL"));
        return delivery.isFaulty()
                ? Optional.empty()
                : Optional.of(new Target.Http(
                        url.orElseThrow(),
                        delivery.text("method").orElseThrow(),
                        body.orElseThrow(),
                        headers,
                        signing,
                        tls.orElseThrow()));
    }

    /**
     * The URL in canonical form, as libraries rebuild it to verify a signature: scheme and host in lower case, without
     * the default port, with a path.
     */
    private static URI canonical(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean ownPort = url.getPort() < 0 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String host = url.getHost().toLowerCase(Locale.ROOT);
        return URI.create(scheme + "://" + host + (ownPort ? "" : ":" + url.getPort()) + path + query);
    }

    private static Optional<Body> body(Mapping delivery) {
        Compiled compiled = delivery.reading().compiled();
        Body.Format format = delivery.word("format", Body.Format.class).orElse(Body.Format.JSON);
        if (delivery.has("body")) {
            return delivery.compiled(
                            "body",
                            format == Body.Format.JSON ? compiled::json : compiled::form,
                            "",
                            "a text with {macros}, such as '{\"call\": \"{cdr_id}\"}'")
                    .map(template -> new Body.Templated(template, format));
        }
        if (delivery.has("bodyJq")) {
            return delivery.compiled("bodyJq", compiled::jq, "", "a jq program, such as {call: .data.cdr_id}")
                    .map(program -> new Body.Program(program, format));
        }
        if (!delivery.has("form")) {
            return Optional.of(new Body.WholeEvent());
        }
        Map<String, Template> fields = new LinkedHashMap<>();
        return delivery.mapping("form").map(entries -> {
            entries.present().forEach(name -> entries.compiled(name, compiled::text, "", "a text with {macros}")
                    .ifPresent(template -> fields.put(name, template)));
            return new Body.Form(fields);
        });
    }

    private static Map<String, Template> headers(Mapping delivery) {
        Map<String, Template> headers = new LinkedHashMap<>();
        delivery.mapping("headers").ifPresent(entries -> {
            Set<String> seen = new HashSet<>();
            for (String name : entries.present()) {
                Optional<String[]> refusal = HeaderNames.refusalOf(name, seen);
                if (refusal.isPresent()) {
                    String[] why = refusal.get();
                    entries.fault(name, "header", "header '" + Shown.of(name) + "' " + why[0], why[1]);
                } else {
                    entries.compiled(
                                    name,
                                    text -> entries.reading().compiled().header(name, text),
                                    "",
                                    "a text with {macros}, without control characters")
                            .ifPresent(template -> headers.put(name, template));
                }
            }
        });
        return headers;
    }
}
