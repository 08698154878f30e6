package io.engagementwebhooks.deliver.egress;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;

/**
 * Parses heads of answers, and takes none whose end is missing. HttpClient's own parser takes the end of the connection
 * for the end of the headers, so that {@code HTTP/1.1 200 OK} and nothing else would count as delivered; and it skips
 * lines that are not HTTP in search of one that is.
 */
record WholeHeads(Http1Config limits) implements HttpMessageParserFactory<ClassicHttpResponse> {

    @Override
    public HttpMessageParser<ClassicHttpResponse> create() {
        return new Parser(limits);
    }

    @Override
    @Deprecated
    public HttpMessageParser<ClassicHttpResponse> create(Http1Config other) {
        return create();
    }

    private static final class Parser extends DefaultHttpResponseParser {

        Parser(Http1Config limits) {
            super(limits);
        }

        @Override
        public ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream in) throws IOException, HttpException {
            Watched watched = new Watched(in);
            ClassicHttpResponse head;
            try {
                head = super.parse(buffer, watched);
            } catch (HttpException e) {
                if (watched.ended) {
                    throw new ConnectionClosedException();
                }
                throw e;
            }
            // null is an end before the first byte, which HttpClient names by itself
            if (head != null && watched.ended) {
                throw new ConnectionClosedException();
            }
            return head;
        }
    }

    /** The parser reads on only while it lacks the end of the head. */
    private static final class Watched extends FilterInputStream {

        private boolean ended;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return noted(super.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return noted(super.read(bytes, offset, length));
        }

        private int noted(int read) {
            ended |= read < 0;
            return read;
        }
    }
}
