// Bytes whose value may still grow by a carry are held back: one, and how many of 255 follow it. A byte a clock comes out.
//
// What the coder has done waits in a queue of DEPTH, so that a run of 255s, or two bytes at once, seldom stop it.
`default_nettype none

module carry #(
    parameter DEPTH_BITS = 2
) (
    input  wire        clk,
    input  wire        reset,

    input  wire        in_valid,
    output wire        in_ready,
    input  wire        in_second,
    input  wire        in_last,
    input  wire        in_carry,
    input  wire [1:0]  in_count,
    input  wire [15:0] in_bytes,

    output wire        out_valid,
    input  wire        out_ready,
    output wire [7:0]  out_byte,
    output wire        out_second,
    output wire        out_last
);
    // ---- the queue ----
    reg [20:0]           queue [0:(1 << DEPTH_BITS)-1];
    reg [DEPTH_BITS-1:0] head, tail;
    reg [DEPTH_BITS:0]   waiting;
    wire                 pop;
    wire                 push = in_valid & in_ready;

    assign in_ready = ~waiting[DEPTH_BITS];
    always @(posedge clk) begin
        if (reset) begin
            head <= {DEPTH_BITS{1'b0}};
            tail <= {DEPTH_BITS{1'b0}};
            waiting <= {(DEPTH_BITS + 1){1'b0}};
        end else begin
            if (push)
                tail <= tail + 1'b1;
            if (pop)
                head <= head + 1'b1;
            waiting <= waiting + {{DEPTH_BITS{1'b0}}, push} - {{DEPTH_BITS{1'b0}}, pop};
        end
        if (push)
            queue[tail] <= {in_second, in_last, in_carry, in_count, in_bytes};
    end

    // ---- the oldest of it ----
    wire        there = waiting != {(DEPTH_BITS + 1){1'b0}};
    wire        second, last, carries;
    wire [1:0]  count;
    wire [15:0] bytes;
    assign {second, last, carries, count, bytes} = queue[head];

    reg        grew;     // its carry is in the byte held back
    reg        settled;  // and has made zeros of the 255s
    reg [1:0]  taken;    // of its bytes
    reg [1:0]  held;     // of both substreams: a byte is held back
    reg [7:0]  byte_a, byte_b;
    reg [15:0] run_a, run_b;

    wire        holds = second ? held[1] : held[0];
    wire [7:0]  kept = second ? byte_b : byte_a;
    wire [15:0] run = second ? run_b : run_a;
    wire        runs = run != 16'd0;
    wire [7:0]  grown = kept + {7'd0, carries & ~grew};
    wire        left = taken != count;
    wire [7:0]  next = count[1] & taken[0] ? bytes[7:0] : bytes[15:8];

    // What happens in this clock is one of these.
    wire zeros = carries & ~settled & runs;            // the held byte goes out, with the zeros that a carry made of 255s
    wire joins = ~zeros & left & holds & next == 8'hFF; // one more 255 is counted
    wire fills = ~zeros & ~joins & runs & (left | last); // the held byte goes out, and the 255s after it
    wire moves = ~zeros & ~joins & ~fills & left;      // the held byte goes out, and the next is held
    wire grows = ~zeros & ~left & ~last;               // a carry alone
    wire ends = ~zeros & ~fills & ~left & last;        // the last byte goes out

    assign out_valid = there & holds & (zeros | fills | moves | ends);
    assign out_byte = grown;
    assign out_second = second;
    assign out_last = ends;

    wire go = there & (~out_valid | out_ready);
    wire takes = joins | moves;
    wire finished = grows | ends | (takes & ~last & taken + 2'd1 == count);
    assign pop = go & finished;

    wire [7:0]  new_byte = zeros ? 8'h00 : fills ? 8'hFF : moves ? next : grown;
    wire [15:0] new_run = zeros | fills ? run - 16'd1 : joins ? run + 16'd1 : run;

    always @(posedge clk)
        if (reset) begin
            grew <= 1'b0;
            settled <= 1'b0;
            taken <= 2'd0;
            held <= 2'b00;
            run_a <= 16'd0;
            run_b <= 16'd0;
        end else if (go) begin
            grew <= ~finished;
            settled <= ~finished & (settled | ~zeros | run == 16'd1);
            taken <= finished ? 2'd0 : taken + {1'b0, takes};
            if (second) begin
                byte_b <= new_byte;
                run_b <= new_run;
                held[1] <= ~ends;
            end else begin
                byte_a <= new_byte;
                run_a <= new_run;
                held[0] <= ~ends;
            end
        end
endmodule

`default_nettype wire
