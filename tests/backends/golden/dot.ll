; ModuleID = ""
target triple = "unknown-unknown-unknown"
target datalayout = ""

define i64 @"online"(ptr noalias %"table of user", ptr noalias %"ids of userId", ptr noalias %"table of item", ptr noalias %"ids of itemId", ptr noalias %"target", float %"rate", ptr noalias %"runs", i64 %"n runs", ptr noalias %"losses")
{
entry:
  %".11" = alloca [4144 x i32]
  %".12" = alloca [4096 x float]
  %".13" = icmp slt i64 0, %"n runs"
  %".118" = alloca double
  br i1 %".13", label %"each.run", label %"after.run"
each.run:
  %"run" = phi  i64 [0, %"entry"], [%".152", %"after.loss.endif"]
  %".15" = mul i64 %"run", 5
  %".16" = getelementptr inbounds i64, ptr %"runs", i64 %".15"
  %".17" = load i64, ptr %".16", align 8
  %".18" = getelementptr inbounds i64, ptr %".16", i64 1
  %".19" = load i64, ptr %".18", align 8
  %".20" = getelementptr inbounds i64, ptr %".16", i64 2
  %".21" = load i64, ptr %".20", align 8
  %".22" = getelementptr inbounds i64, ptr %".16", i64 3
  %".23" = load i64, ptr %".22", align 8
  %".24" = getelementptr inbounds i64, ptr %".16", i64 4
  %".25" = load i64, ptr %".24", align 8
  %".26" = add i64 %".21", 32
  %".27" = trunc i64 %".25" to i32
  call void @"shuffle"(ptr %".11", i64 %".17", i64 %".19", i64 %".26", i64 %".23", i32 %".27")
  %".29" = icmp slt i64 0, %".21"
  br i1 %".29", label %"each.j", label %"after.j"
each.j:
  %"j" = phi  i64 [0, %"each.run"], [%".115", %"each.j"]
  %".31" = add i64 %"j", 32
  %".32" = getelementptr inbounds i32, ptr %".11", i64 %".31"
  %".33" = load i32, ptr %".32", align 4
  %".34" = zext i32 %".33" to i64
  ; what the columns hold 32 examples ahead
  %".36" = getelementptr inbounds float, ptr %"ids of userId", i64 %".34"
  call void @"llvm.prefetch.p0"(ptr %".36", i32 1, i32 3, i32 1)
  %".38" = getelementptr inbounds float, ptr %"ids of itemId", i64 %".34"
  call void @"llvm.prefetch.p0"(ptr %".38", i32 1, i32 3, i32 1)
  %".40" = getelementptr inbounds float, ptr %"target", i64 %".34"
  call void @"llvm.prefetch.p0"(ptr %".40", i32 1, i32 3, i32 1)
  %".42" = add i64 %"j", 16
  %".43" = getelementptr inbounds i32, ptr %".11", i64 %".42"
  %".44" = load i32, ptr %".43", align 4
  %".45" = zext i32 %".44" to i64
  ; rows 16 examples ahead
  %".47" = getelementptr inbounds i32, ptr %"ids of userId", i64 %".45"
  %".48" = load i32, ptr %".47", align 4
  %"row of user" = zext i32 %".48" to i64
  %".49" = mul i64 %"row of user", 4
  %".50" = getelementptr inbounds float, ptr %"table of user", i64 %".49"
  call void @"llvm.prefetch.p0"(ptr %".50", i32 1, i32 3, i32 1)
  %".52" = getelementptr inbounds i32, ptr %".50", i64 3
  call void @"llvm.prefetch.p0"(ptr %".52", i32 1, i32 3, i32 1)
  %".54" = getelementptr inbounds i32, ptr %"ids of itemId", i64 %".45"
  %".55" = load i32, ptr %".54", align 4
  %"row of item" = zext i32 %".55" to i64
  %".56" = mul i64 %"row of item", 4
  %".57" = getelementptr inbounds float, ptr %"table of item", i64 %".56"
  call void @"llvm.prefetch.p0"(ptr %".57", i32 1, i32 3, i32 1)
  %".59" = getelementptr inbounds i32, ptr %".57", i64 3
  call void @"llvm.prefetch.p0"(ptr %".59", i32 1, i32 3, i32 1)
  ; this example
  %".62" = getelementptr inbounds i32, ptr %".11", i64 %"j"
  %".63" = load i32, ptr %".62", align 4
  %".64" = zext i32 %".63" to i64
  %".65" = getelementptr inbounds i32, ptr %"ids of userId", i64 %".64"
  %".66" = load i32, ptr %".65", align 4
  %"row of user.1" = zext i32 %".66" to i64
  %".67" = mul i64 %"row of user.1", 4
  %".68" = getelementptr inbounds float, ptr %"table of user", i64 %".67"
  %"user" = load <4 x float>, ptr %".68", align 4
  %".69" = getelementptr inbounds i32, ptr %"ids of itemId", i64 %".64"
  %".70" = load i32, ptr %".69", align 4
  %"row of item.1" = zext i32 %".70" to i64
  %".71" = mul i64 %"row of item.1", 4
  %".72" = getelementptr inbounds float, ptr %"table of item", i64 %".71"
  %"item" = load <4 x float>, ptr %".72", align 4
  %".73" = getelementptr inbounds float, ptr %"target", i64 %".64"
  %"target.1" = load float, ptr %".73", align 4
  ; %1 = dot_general dimension_numbers=(((0,),(0,)),((),())) user item   test_llvm_kernel.py
  %".75" = fmul contract reassoc nsz arcp <4 x float> %"user", %"item"
  %"1" = call arcp contract nsz reassoc float @"llvm.vector.reduce.fadd.v4f32"(float              0x0, <4 x float> %".75")
  ; %2 = sub %1 target   rowwise/models/losses.py
  %"2" = fsub contract reassoc nsz arcp float %"1", %"target.1"
  ; %3 = integer_pow y=2 %2   rowwise/models/losses.py
  %"3" = fmul contract reassoc nsz arcp float %"2", %"2"
  ; %4 = mul 2 %2   rowwise/models/losses.py
  %"4" = fmul contract reassoc nsz arcp float 0x4000000000000000, %"2"
  ; %5 = dot_general dimension_numbers=(((),()),((),())) %4 user   test_llvm_kernel.py
  %".84" = insertelement <4 x float> poison, float %"4", i32 0
  %".85" = shufflevector <4 x float> %".84", <4 x float> poison, <4 x i32> zeroinitializer
  %"5" = fmul contract reassoc nsz arcp <4 x float> %".85", %"user"
  ; %6 = dot_general dimension_numbers=(((),()),((),())) %4 item   test_llvm_kernel.py
  %".88" = insertelement <4 x float> poison, float %"4", i32 0
  %".89" = shufflevector <4 x float> %".88", <4 x float> poison, <4 x i32> zeroinitializer
  %"6" = fmul contract reassoc nsz arcp <4 x float> %".89", %"item"
  %".91" = mul i64 %"row of user.1", 4
  %".92" = getelementptr inbounds float, ptr %"table of user", i64 %".91"
  ; %7 = neg user.learning_rate   transform.py
  %"7" = fneg contract reassoc nsz arcp float %"rate"
  ; %8 = mul %7 user.gradient   transform.py
  %".96" = insertelement <4 x float> poison, float %"7", i32 0
  %".97" = shufflevector <4 x float> %".96", <4 x float> poison, <4 x i32> zeroinitializer
  %".156" = fmul contract reassoc nsz arcp float %"7", %"4"
  %".157" = insertelement <4 x float> poison, float %".156", i32 0
  %".158" = shufflevector <4 x float> %".157", <4 x float> poison, <4 x i32> zeroinitializer
  %".159" = fmul contract reassoc nsz arcp <4 x float> %".158", %"item"
  ; %9 = add user.row %8   update.py
  %"9" = fadd contract reassoc nsz arcp <4 x float> %"user", %".159"
  %".101" = mul i64 %"row of item.1", 4
  %".102" = getelementptr inbounds float, ptr %"table of item", i64 %".101"
  ; %10 = neg item.learning_rate   transform.py
  %"10" = fneg contract reassoc nsz arcp float %"rate"
  ; %11 = mul %10 item.gradient   transform.py
  %".106" = insertelement <4 x float> poison, float %"10", i32 0
  %".107" = shufflevector <4 x float> %".106", <4 x float> poison, <4 x i32> zeroinitializer
  %".160" = fmul contract reassoc nsz arcp float %"10", %"4"
  %".161" = insertelement <4 x float> poison, float %".160", i32 0
  %".162" = shufflevector <4 x float> %".161", <4 x float> poison, <4 x i32> zeroinitializer
  %".163" = fmul contract reassoc nsz arcp <4 x float> %".162", %"user"
  ; %12 = add item.row %11   update.py
  %"12" = fadd contract reassoc nsz arcp <4 x float> %"item", %".163"
  store <4 x float> %"9", ptr %".92", align 4
  store <4 x float> %"12", ptr %".102", align 4
  %".113" = getelementptr inbounds float, ptr %".12", i64 %"j"
  store float %"3", ptr %".113", align 4
  %".115" = add i64 %"j", 1
  %".116" = icmp slt i64 %".115", %".21"
  br i1 %".116", label %"each.j", label %"after.j"
after.j:
  store double              0x0, ptr %".118"
  %".120" = icmp slt i64 0, %".21"
  br i1 %".120", label %"each.loss", label %"after.loss"
each.loss:
  %"loss" = phi  i64 [0, %"after.j"], [%".128", %"each.loss"]
  %".122" = getelementptr inbounds float, ptr %".12", i64 %"loss"
  %".123" = load float, ptr %".122", align 4
  %".124" = fpext float %".123" to double
  %".125" = load double, ptr %".118"
  %".126" = fadd contract reassoc nsz arcp double %".125", %".124"
  store double %".126", ptr %".118"
  %".128" = add i64 %"loss", 1
  %".129" = icmp slt i64 %".128", %".21"
  br i1 %".129", label %"each.loss", label %"after.loss"
after.loss:
  %".131" = load double, ptr %".118"
  %".132" = call double @"llvm.fabs.f64"(double %".131")
  %".133" = fcmp uge double %".132", 0x7ff0000000000000
  br i1 %".133", label %"after.loss.if", label %"after.loss.endif", !prof !0
after.loss.if:
  %".135" = icmp slt i64 0, %".21"
  br i1 %".135", label %"each.bad", label %"after.bad"
after.loss.endif:
  %".150" = getelementptr inbounds double, ptr %"losses", i64 %"run"
  store double %".131", ptr %".150", align 8
  %".152" = add i64 %"run", 1
  %".153" = icmp slt i64 %".152", %"n runs"
  br i1 %".153", label %"each.run", label %"after.run"
each.bad:
  %"bad" = phi  i64 [0, %"after.loss.if"], [%".146", %"each.bad.endif"]
  %".137" = getelementptr inbounds float, ptr %".12", i64 %"bad"
  %".138" = load float, ptr %".137", align 4
  %".139" = call float @"llvm.fabs.f32"(float %".138")
  %".140" = fcmp uge float %".139", 0x7ff0000000000000
  br i1 %".140", label %"each.bad.if", label %"each.bad.endif"
each.bad.if:
  %".142" = getelementptr inbounds i32, ptr %".11", i64 %"bad"
  %".143" = load i32, ptr %".142", align 4
  %".144" = zext i32 %".143" to i64
  ret i64 %".144"
each.bad.endif:
  %".146" = add i64 %"bad", 1
  %".147" = icmp slt i64 %".146", %".21"
  br i1 %".147", label %"each.bad", label %"after.bad"
after.bad:
  br label %"after.loss.endif"
after.run:
  ret i64 -1
}


