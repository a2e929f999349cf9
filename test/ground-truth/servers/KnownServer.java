import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A server on Netty that is known to leak, or to do what is taken for a leak: {@code java KnownServer PORT BEHAVIOUR BYTES}.
 */
public final class KnownServer {
    private static final int CACHE_ENTRIES =
            Integer.parseInt(System.getenv().getOrDefault("KNOWN_CACHE_ENTRIES", "15000"));
    private static final int MAX_REQUEST_BYTES = 65536;

    /** What a program keeps of a connection. */
    static final class Session {
        final int number;
        final byte[] buffer;

        Session(int number, int bytes) {
            this.number = number;
            this.buffer = new byte[bytes];
        }
    }

    private static final List<Object> kept = new ArrayList<>();
    private static final Map<Integer, byte[]> cache = new HashMap<>();
    private static final ArrayDeque<byte[]> pool = new ArrayDeque<>();
    private static int poolSize;
    private static int opened;

    /** Returns what has to be given back when the connection has closed; null for nothing. */
    private static synchronized byte[] open(String behaviour, int bytes) {
        opened++;
        switch (behaviour) {
            case "leak":
                kept.add(new Session(opened, bytes));
                break;
            case "leak-tenth":
                if (opened % 10 == 0) kept.add(new Session(opened, bytes));
                break;
            case "leak-malloc":
                // Direct buffers are in malloc.
                kept.add(ByteBuffer.allocateDirect(bytes));
                break;
            case "cache":
                cache.computeIfAbsent(opened % CACHE_ENTRIES, number -> new byte[bytes]);
                break;
            case "pool":
                if (pool.isEmpty()) {
                    int more = Math.max(64, poolSize);
                    poolSize += more;
                    for (int index = 0; index < more; index++) pool.add(new byte[bytes]);
                }
                return pool.pop();
            default:
                new Session(opened, bytes);
        }
        return null;
    }

    private static synchronized void giveBack(byte[] buffer) {
        pool.add(buffer);
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        String behaviour = arguments[1];
        int bytes = Integer.parseInt(arguments[2]);
        EventLoopGroup boss = new NioEventLoopGroup(1);
        EventLoopGroup loops = new NioEventLoopGroup(2);
        new ServerBootstrap()
                .group(boss, loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(
                                new HttpServerCodec(),
                                new HttpObjectAggregator(MAX_REQUEST_BYTES),
                                new WebSocketServerProtocolHandler("/", null, true),
                                new Handler(behaviour, bytes));
                    }
                })
                .bind("127.0.0.1", port)
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** One connection. */
    private static final class Handler extends SimpleChannelInboundHandler<WebSocketFrame> {
        private final String behaviour;
        private final int bytes;
        private byte[] taken;

        Handler(String behaviour, int bytes) {
            this.behaviour = behaviour;
            this.bytes = bytes;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                taken = open(behaviour, bytes);
                context.writeAndFlush(new TextWebSocketFrame("{\"type\":\"greeting\",\"message\":\"hello\"}"));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if ("leak-message".equals(behaviour)) {
                synchronized (KnownServer.class) {
                    kept.add(new Session(0, bytes));
                }
            }
            context.writeAndFlush(frame.retain());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (taken != null) giveBack(taken);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
