"use strict";(()=>{var E,mr,vn,Me,hn,Mt,fr,Ct,gr,_n,bn,hr,st=Symbol.for("pv"),It={},Tt=[],oi=/^m(i|n|o|s|text|space)$/,Dt=Array.isArray,wn=Tt.slice,Ue=Object.assign;function Ve(e){e&&e.parentNode&&e.remove()}function it(e,t,r){var o,s,i,a={},u=arguments.length;for(i in t)i=="key"?o=t[i]:i=="ref"&&typeof e!="function"?s=t[i]:a[i]=t[i];return u>2&&(a.children=u>3?wn.call(arguments,2):r),ot(e,a,o,s,null)}function ot(e,t,r,o,s){var i={type:e,props:t,key:r,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:st,__v:s||++mr,__i:-1,__u:0};return!s&&E.vnode&&E.vnode(i),i}function v(e){return e.children}function we(e,t){this.props=e,this.context=t,this.__g=0}function Ie(e,t){if(t==null)return e.__&&Ie(e.__,e.__i+1);for(var r;t<e.__k.length;t++)if((r=e.__k[t])&&r.__e)return r.__e;return typeof e.type!="function"||e.props.__P?null:Ie(e)}function si(e){var t,r=e.__v,o=r.__e,s=[],i=[],a=e.__P;a&&((t=Ue({constructor:st},r)).__v=r.__v+1,E.vnode&&E.vnode(t),Sn(a,t,r,e.__n,a.namespaceURI,32&r.__u?[o]:null,s,o||Ie(r),32&r.__u,i),t.__v=r.__v,t.__.__k[t.__i]=t,xr(s,t,i),r.__=r.__e=null,t.__e!=o&&br(t))}function br(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),br(e)}function yn(e){(8&e.__g||(e.__g|=8,Me.push(e),Mt++))&&hn==E.debounceRendering||((hn=E.debounceRendering)||queueMicrotask)(yr)}function yr(){try{for(var e,t=1;Me.length;)Me.length>t&&Me.sort(fr),e=Me.shift(),t=Me.length,8&e.__g&&si(e)}finally{(Mt=Me.length)&&(hn||queueMicrotask)(yr)}}function vr(e,t,r,o,s,i,a,u,l,c,p){var f,m,d,g,b,y,x=o.__k||Tt,_=t.length;for(l=ii(r,t,x,l,_),f=0;f<_;f++)(d=r.__k[f])!=null&&(m=~d.__i&&x[d.__i]||It,d.__i=f,y=Sn(e,d,m,s,i,a,u,l,c,p),g=d.__e,(m.ref!=d.ref||8&m.__u)&&(m.ref&&kn(m.ref,null,d,m),d.ref&&p.push(d.ref,d.__c||g,d)),b=b||g,4&d.__u?(l=_r(d,l,e,!m.__v),m.__e&&(m.__e=null)):typeof d.type=="function"&&y!==void 0?l=y:g&&(l=g.nextSibling),d.__u&=-21);return r.__e=b,l}function ii(e,t,r,o,s){var i,a,u,l,c,p,f,m,d,g=r.length,b=g,y=0,x=0,_=e.__k=Array(s);for(i=0;i<s;i++)(a=t[i])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=_[i]=ot(null,a):Dt(a)?a=_[i]=ot(v,{children:a}):a.constructor===st&&a.__b?a=_[i]=ot(a.type,a.props,a.key,a.ref,a.__v):_[i]=a,l=i+y,a.__=e,a.__b=e.__b+1,u=null,~(c=a.__i=ai(a,r,l,b))&&(b--,(u=r[c])&&(u.__u|=2)),u&&u.__v?(a.__u|=16,c==l-1?y--:c==l+1?y++:c!=l&&(c>l?y--:y++,x=1)):(~c||(s>g?y--:s<g&&y++),typeof a.type!="function"&&(a.__u|=4))):_[i]=null;if(x){for(p=[],f=[],i=0;i<s;i++)if((a=_[i])&&16&a.__u){for(y=0,m=p.length;y<m;)p[d=y+m>>1]<a.__i?y=d+1:m=d;p[y]=a.__i,f[i]=y+1}for(y=p.length;i--;)f[i]&&(f[i]==y?y--:_[i].__u|=4)}if(b)for(i=0;i<g;i++)!(u=r[i])||2&u.__u||(u.__e==o&&(o=Ie(u)),Pn(u,u));return o}function _r(e,t,r,o){var s,i,a,u;if(typeof e.type=="function"){if(e.props.__P)return t;if(s=e.__k)for(i=0;i<s.length;i++)s[i]&&(s[i].__=e,t=_r(s[i],t,r,!1));return t}for(t&&!t.parentNode&&(t=Ie(e))&&!t.parentNode&&(t=null),a=e.__e,u=t;u&&u.nodeType==8;)u=u.nextSibling;for(a!=u&&(!o&&r.moveBefore&&a.parentNode?r.moveBefore(a,t):r.insertBefore(a,t||null)),t=a;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function xn(e,t){return t=t||[],e!=null&&typeof e!="boolean"&&(Dt(e)?e.some(function(r){xn(r,t)}):t.push(e)),t}function ai(e,t,r,o){var s,i=e.key,a=e.type,u=t[r],l=u&&!(2&u.__u);if(u===null&&i==null||l&&i==u.key&&a==u.type)return r;if(o>(l?1:0)){for(s=r-1;s>=0;s--)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s;for(s=r+1;s<t.length;s++)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s}return-1}function pr(e,t,r){r==null&&(r=""),t[0]=="-"?e.setProperty(t,r):e[t]=r}function Nt(e,t,r,o,s){var i,a;if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)r&&t in r||pr(e.style,t);if(r)for(t in r)o&&r[t]==o[t]||pr(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")typeof r!="function"&&(r=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=r,r&&o||(a=bn[t]||(bn[t]=ui(t)),(e.__a||(e.__a={}))[t]=_n,i=t!=(t=t.replace(gr,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),r?e.addEventListener(t,a,i):e.removeEventListener(t,a,i));else{if(s=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=r??"")}catch{}if(typeof r=="function")return;r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r)}}function ui(e){return function(t){var r=this.__e;if(r){if(r=r[e],t[Ct]==null)t[Ct]=_n++;else if(t[Ct]<this.__a[e])return;return r(E.event?E.event(t):t)}}}function Sn(e,t,r,o,s,i,a,u,l,c){var p,f,m,d,g,b,y,x,_,A,T,ge,he,Re,ae,$e,be,_e,ce=t.type;if(t.constructor!==st)return null;128&r.__u&&(l=32&r.__u,p=r.__c.__z)&&(t.__u|=l,f=i=[],p.nodeType==8?u=Rt(p,i):i.push(p),u=i[0]||u),(p=E.__b)&&p(t);e:if(typeof ce=="function"){m=a.length;try{if(x=t.props,_=(p=ce.prototype)&&p.render,A=(p=ce.contextType)&&o[p.__c],T=p?A?A.props.value:p.__:o,(d=r.__c)?(t.__c=d,2&d.__g&&(d.__g|=1)):(_?t.__c=d=new ce(x,T):(t.__c=d=new we(x,T),d.constructor=ce,d.render=ci),A&&A.sub(d),d.state||(d.state={}),d.__n=o,d.__g|=8,d.__h=[],d.__k=[]),_&&(d.__s||(d.__s=d.state),ce.getDerivedStateFromProps&&(d.__s==d.state&&(d.__s=Ue({},d.__s)),Ue(d.__s,ce.getDerivedStateFromProps(x,d.__s)))),g=d.props,b=d.state,d.__v=t,r.__c){if(x!==g&&_&&!ce.getDerivedStateFromProps&&d.componentWillReceiveProps&&d.componentWillReceiveProps(x,T),t.__v==r.__v&&!(8&d.__g)||!(4&d.__g)&&d.shouldComponentUpdate&&d.shouldComponentUpdate(x,d.__s,T)===!1){t.__v!=r.__v&&(d.props=x,d.state=d.__s,d.__g&=-9),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(te){te&&(te.__=t)}),Tt.push.apply(d.__h,d.__k),d.__k=[],d.__h.length&&a.push(d),u=Ie(r);break e}d.componentWillUpdate&&d.componentWillUpdate(x,d.__s,T),_&&d.componentDidUpdate&&d.__h.push(function(){d.componentDidUpdate(g,b,y)})}else _&&!ce.getDerivedStateFromProps&&d.componentWillMount&&d.componentWillMount(),_&&d.componentDidMount&&d.__h.push(d.componentDidMount);d.context=T,d.props=x,d.__P=e,d.__g&=-5,ge=E.__r,he=_?25:0;do d.__g&=-9,ge&&ge(t),p=d.render(d.props,d.state=d.__s,d.context);while(8&d.__g&&++he<25);_&&(Tt.push.apply(d.__h,d.__k),d.__k=[]),d.state=d.__s,d.getChildContext&&(o=Ue({},o,d.getChildContext())),_&&r.__c&&d.getSnapshotBeforeUpdate&&(y=d.getSnapshotBeforeUpdate(g,b)),Re=p&&p.type===v&&p.key==null?p.props.children:p,x.__P&&(p=u,s=(e=x.__P).namespaceURI,l=i=null,r.props&&r.props.__P!=e&&(r.__k.some(function(te){te&&Pn(te,te)}),r.__k=null),u=r.__k?Ie(r,0):null),u=vr(e,Dt(Re)?Re:[Re],t,r,o,s,i,a,u,l,c),x.__P&&(t.__e=null,u=p),t.__u&=-161,f&&f.some(Ve),d.__h.length&&a.push(d),1&d.__g&&(d.__g&=-4)}catch(te){if(a.length=m,t.__v=null,l||i)if(te&&te.then){if(t.__u|=128|l,i){for(~(be=i.indexOf(u||void 0))||(be=i.length);(_e=i[be-1])&&_e.nodeType==8;)be--;for(;be<i.length;be++)if(_e=i[be])if(i[be]=null,ae){if(_e==$e)break}else{if(_e.nodeType!=8)break;_e.data.startsWith("$s")&&($e=Rt(ae=_e))}}if(!ae){for(;u&&u.nodeType==8&&u.nextSibling;)u=u.nextSibling;ae=u}(p=Rt(ae=t.__c.__z||(t.__c.__z=ae)))?(t.__e=ae,u=p):t.__e=u,u=u&&u.nextSibling}else i&&i.some(Ve);else t.__e=r.__e;t.__k||(t.__k=r.__k||[]),te&&te.then||wr(t),E.__e(te,t,r)}}else u=t.__e=li(r.__e,t,r,o,s,i,a,l,c,e);return(p=E.diffed)&&p(t),u}function Rt(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var r=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))r++;else if(e.data.startsWith("/$s")&&!--r)return e}t&&t.push(e)}}function wr(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(wr))}function xr(e,t,r){for(var o=0;o<r.length;)kn(r[o++],r[o++],r[o++]);E.__c&&E.__c(t,e),e.some(function(s){try{e=s.__h,s.__h=[],e.some(function(i){i.call(s)})}catch(i){E.__e(i,s.__v)}})}function li(e,t,r,o,s,i,a,u,l,c){var p,f,m,d,g,b,y,x,_=r.props||It,A=t.props,T=t.type;if(T=="svg"?s="http://www.w3.org/2000/svg":T=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),i){for(p=0;p<i.length;p++)if((g=i[p])&&(T?g.localName==T:g.nodeType==3)){e=g,i[p]=null;break}}if(!e){if(x=c.ownerDocument||document,!T)return x.createTextNode(A);e=x.createElementNS(s,T,A.is?A:c),u&&(E.__m&&E.__m(t,i),u=!1),i=null}if(T){if(c=T=="template"&&e.content||e,i=T=="textarea"&&A.defaultValue!=null?null:i&&wn.call(c.childNodes),!u&&i)for(_={},p=0;p<e.attributes.length;p++)_[(g=e.attributes[p]).name]=g.value;for(p in _)g=_[p],p=="dangerouslySetInnerHTML"?m=g:p=="children"||p in A||p=="value"&&"defaultValue"in A||p=="checked"&&"defaultChecked"in A||Nt(e,p,null,g,s);for(p in A)g=A[p],p=="children"?d=g:p=="dangerouslySetInnerHTML"?f=g:p=="value"?b=g:p=="checked"?y=g:u&&typeof g!="function"||_[p]===g||Nt(e,p,g,_[p],s);f?(u||m&&(f.__html==m.__html||f.__html==e.innerHTML)||(e.innerHTML=f.__html),t.__k=[]):(m&&(e.textContent=""),(T=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&oi.test(T))&&(s="http://www.w3.org/1999/xhtml"),vr(c,Dt(d)?d:[d],t,r,o,s,i,a,i?i[0]:r.__k&&Ie(r,0),u,l),i&&i.some(Ve)),u&&T!="textarea"||(p="value",T=="progress"&&b==null?e.removeAttribute(p):b==null||b===e[p]&&(T!="progress"||b)||Nt(e,p,b,_[p],s),p="checked",y!=null&&y!=e[p]&&Nt(e,p,y,_[p],s))}else _===A||u&&e.data==A||(e.data=A);return e}function kn(e,t,r,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(s){E.__e(s,r)}}function Pn(e,t,r){var o,s,i,a;if(E.unmount&&E.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||kn(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(u){E.__e(u,t)}o.__P=o.__n=null}if(o=e.__k)for(a=0;a<o.length;a++)o[a]&&Pn(o[a],t,typeof e.type!="function"||r&&!e.props.__P);!r&&(o=e.__c)&&(o=o.__z)&&(s=Rt(o,i=[]))&&(o==e.__e&&i.some(Ve),Ve(s),Ve(o)),r||Ve(e.__e),e.__e=e.__c=e.__=null}function ci(e,t,r){return this.constructor(e,r)}function An(e,t){var r,o,s,i;E.__&&E.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(r=e&&32&e.__u)?null:t.__k,t.__k=ot(v,{children:[e]}),s=[],i=[],Sn(t,t.__k,o||It,It,t.namespaceURI,o?null:t.firstChild?wn.call(t.childNodes):null,s,o?o.__e:t.firstChild,r,i),xr(s,t.__k,i),t.__k.props.children=null}function Ot(e){function t(r){var o,s;return this.getChildContext||(o=new Set,(s={})[t.__c]=this,this.getChildContext=function(){return s},this.shouldComponentUpdate=function(i){this.props.value!=i.value&&o.forEach(function(a){a.__g|=4,yn(a)})},this.sub=function(i){o.add(i);var a=i.componentWillUnmount;i.componentWillUnmount=function(){o.delete(i),a&&a.call(i)}}),r.children}return t.__c="__cC"+hr++,t.__=e,t.Provider=(t.Consumer=function(r,o){return r.children(o)}).contextType=t,t}E={__e:function(e,t,r,o){for(var s,i,a;t=t.__;)if((s=t.__c)&&!(1&s.__g)){s.__g|=4;try{if((a=(i=s.constructor)&&i.getDerivedStateFromError)&&s.setState(i.getDerivedStateFromError(e)),s.componentDidCatch&&(s.componentDidCatch(e,o||{}),a=1),a&&8&s.__g)return void(s.__g|=2)}catch(u){e=u}}throw Mt=0,e}},mr=0,vn=function(e){return e!=null&&e.constructor===st},we.prototype.setState=function(e,t){var r=this.__s;r&&r!=this.state||(r=this.__s=Ue({},this.state)),typeof e=="function"&&(e=e(Ue({},r),this.props)),e&&(Ue(r,e),this.__v&&(t&&this.__k.push(t),yn(this)))},we.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),yn(this))},we.prototype.render=v,Me=[],Mt=0,fr=function(e,t){return e.__v.__b-t.__v.__b},Ct=Symbol(),gr=/(PointerCapture)$|Capture$/i,_n=0,bn={},hr=0;var Fe,U,En,Sr,Nn=Object.is,ut=0,Ir=[],Cn=[],W=E,kr=W.__b,Pr=W.__r,Ar=W.diffed,Er=W.__c,Nr=W.unmount,Cr=W.__;function lt(e,t){W.__h&&W.__h(U,e,ut||t),ut=0;var r=U.__H||(U.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function h(e){return ut=1,Tr(Or,e)}function Tr(e,t,r){var o=lt(Fe++,2);if(o.t=e,!o.__c&&(o.__=[r?r(t):Or(void 0,t),function(i){var a=(o.__N||o.__)[0],u=o.t(a,i);Nn(a,u)||(o.__N=[u,o.__[1]],o.__c.setState({}))}],o.__c=U,!U.__f)){U.__f=!0;var s=U.shouldComponentUpdate;U.shouldComponentUpdate=function(i,a,u){var l=this.__H;if(!l)return!0;var c=!1,p=this.props!=i;if(l.__.some(function(m){m.__N&&(c=!0,Nn(m.__[0],m.__N[0])||(p=!0))}),s){var f=s.call(this,i,a,u);return c?f||p:f}return!c||p}}return o.__}function Z(e,t){var r=lt(Fe++,3);!W.__s&&Dr(r.__H,t)&&(r.__P=!0,r.__=e,r.u=t,U.__H.__h.push(r))}function je(e){return ut=5,ze(function(){return{current:e}},[])}function ze(e,t){var r=lt(Fe++,7);return Dr(r.__H,t)&&(r.__=e(),r.__H=t),r.__}function ct(e,t){return ut=8,ze(function(){return e},t)}function Mn(e){var t=U.context[e.__c],r=lt(Fe++,9);return r.c=e,t?(r.__==null&&(r.__=!0,t.sub(U)),t.props.value):e.__}function dt(){var e=lt(Fe++,11);if(!e.__){for(var t=U.__v;!t.__m&&t.__;)t=t.__;var r=t.__m||(t.__m=[0,0]);e.__="P"+r[0]+"-"+r[1]++}return e.__}function di(){var e;do{for(;e=Cn.shift();)try{at(e)}catch(r){W.__e(r,{__:(e=e.__P)&&e.__v})}for(;e=Ir.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(at),t.__h.some(Rn),t.__h=[]}catch(r){t.__h=[],W.__e(r,e.__v)}}}while(Cn.length)}W.__b=function(e){U=null,kr&&kr(e)},W.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),Cr&&Cr(e,t)},W.__r=function(e){Pr&&Pr(e),Fe=0;var t=(U=e.__c).__H;t&&(En==U?U.__h=[]:(t.__h.some(at),t.__h.some(Rn),Fe=0),t.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})),En=U},W.diffed=function(e){Ar&&Ar(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&Mr(Ir.push(t)),t.__H.__.some(function(r){r.u&&(r.__H=r.u)})),En=U=null},W.__c=function(e,t){t.some(function(r){try{r.__h.some(at),r.__h=r.__h.filter(function(o){return!o.__||Rn(o)})}catch(o){r.__h=[function(){throw o}]}}),Er&&Er(e,t)},W.unmount=function(e){Nr&&Nr(e);var t,r,o=e.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(r===void 0){for(r=e.__;r&&(!r.__c||!r.__c.__P);)r=r.__;r=r&&r.__c}s.__P=r,Mr(Cn.push(s))}else at(s)}catch(i){t=i}}),o.__H=void 0,t&&W.__e(t,o.__v))};var Rr=typeof requestAnimationFrame=="function";function pi(e){var t,r=function(){clearTimeout(o),Rr&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(r,35);Rr&&(t=requestAnimationFrame(r))}function Mr(e){e!=1&&Sr==W.requestAnimationFrame||((Sr=W.requestAnimationFrame)||pi)(di)}function at(e){var t=U,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),U=t}function Rn(e){var t=U;e.__c=e.__(),U=t}function Dr(e,t){return!e||e.length!=t.length||t.some(function(r,o){return!Nn(r,e[o])})}function Or(e,t){return typeof t=="function"?t(e):t}var mi=Symbol.for("preact-signals");function Ut(){if(Ee>1)Ee--;else{var e,t=!1;for((function(){var s=$t;for($t=void 0;s!==void 0;){var i=s.S;if(i.v===s.v)for(var a=i.t;a!==void 0;a=a.x)a.i===s.i&&(a.i=i.i);s=s.o}})();mt!==void 0;){var r=mt;for(mt=void 0,Lt++;r!==void 0;){var o=r.u;if(r.u=void 0,r.f&=-3,!(8&r.f)&&$r(r))try{r.c()}catch(s){t||(e=s,t=!0)}r=o}}if(Lt=0,Ee--,t)throw e}}function Te(e){if(Ee>0)return e();In=++fi,Ee++;try{return e()}finally{Ut()}}var pt,$=void 0;function ft(e){var t=$,r=pt;$=void 0,pt=void 0;try{return e()}finally{$=t,pt=r}}var mt=void 0,Ee=0,Lt=0,fi=0,In=0,$t=void 0,Vt=0;function Lr(e){if($!==void 0){var t=e.n;if(t===void 0||t.t!==$)return t={i:0,S:e,p:$.s,n:void 0,t:$,e:void 0,x:void 0,r:t},$.s!==void 0&&($.s.n=t),$.s=t,e.n=t,32&$.f&&e.S(t),t;if(t.i===-1)return t.i=0,t.n!==void 0&&(t.n.p=t.p,t.p!==void 0&&(t.p.n=t.n),t.p=$.s,t.n=void 0,$.s.n=t,$.s=t),t}}function H(e,t){this.v=e,this.i=0,this.n=void 0,this.t=void 0,this.l=0,this.W=t?.watched,this.Z=t?.unwatched,this.name=t?.name}H.prototype.brand=mi;H.prototype.h=function(){return!0};H.prototype.S=function(e){var t=this,r=this.t;r!==e&&e.e===void 0&&(e.x=r,this.t=e,r!==void 0?r.e=e:ft(function(){var o;(o=t.W)==null||o.call(t)}))};H.prototype.U=function(e){var t=this;if(this.t!==void 0){var r=e.e,o=e.x;r!==void 0&&(r.x=o,e.e=void 0),o!==void 0&&(o.e=r,e.x=void 0),e===this.t&&(this.t=o,o===void 0&&ft(function(){var s;(s=t.Z)==null||s.call(t)}))}};H.prototype.subscribe=function(e){var t=this;return de(function(){var r=t.value;ft(function(){return e(r)})},{name:"sub"})};H.prototype.valueOf=function(){return this.value};H.prototype.toString=function(){return this.value+""};H.prototype.toJSON=function(){return this.value};H.prototype.peek=function(){var e=this;return ft(function(){return e.value})};Object.defineProperty(H.prototype,"value",{get:function(){var e=Lr(this);return e!==void 0&&(e.i=this.i),this.v},set:function(e){if(e!==this.v){if(Lt>100)throw new Error("Cycle detected");(function(r){Ee!==0&&Lt===0&&r.l!==In&&(r.l=In,$t={S:r,v:r.v,i:r.i,o:$t})})(this),this.v=e,this.i++,Vt++,Ee++;try{for(var t=this.t;t!==void 0;t=t.x)t.t.N()}finally{Ut()}}}});function D(e,t){return new H(e,t)}function $r(e){for(var t=e.s;t!==void 0;t=t.n)if(t.S.i!==t.i||!t.S.h()||t.S.i!==t.i)return!0;return!1}function Vr(e){for(var t=e.s;t!==void 0;t=t.n){var r=t.S.n;if(r!==void 0&&(t.r=r),t.S.n=t,t.i=-1,t.n===void 0){e.s=t;break}}}function Ur(e){for(var t=e.s,r=void 0;t!==void 0;){var o=t.p;t.i===-1?(t.S.U(t),o!==void 0&&(o.n=t.n),t.n!==void 0&&(t.n.p=o)):r=t,t.S.n=t.r,t.r!==void 0&&(t.r=void 0),t=o}e.s=r}function Ke(e,t){H.call(this,void 0,t),this.x=e,this.s=void 0,this.g=Vt-1,this.f=4}Ke.prototype=new H;Ke.prototype.h=function(){if(this.f&=-3,1&this.f)return!1;if((36&this.f)==32||(this.f&=-5,this.g===Vt))return!0;if(this.g=Vt,this.f|=1,this.i>0&&!$r(this))return this.f&=-2,!0;var e=$;try{Vr(this),$=this;var t=this.x();(16&this.f||this.v!==t||this.i===0)&&(this.v=t,this.f&=-17,this.i++)}catch(r){this.v=r,this.f|=16,this.i++}return $=e,Ur(this),this.f&=-2,!0};Ke.prototype.S=function(e){if(this.t===void 0){this.f|=36;for(var t=this.s;t!==void 0;t=t.n)t.S.S(t)}H.prototype.S.call(this,e)};Ke.prototype.U=function(e){if(this.t!==void 0&&(H.prototype.U.call(this,e),this.t===void 0)){this.f&=-33;for(var t=this.s;t!==void 0;t=t.n)t.S.U(t)}};Ke.prototype.N=function(){if(!(2&this.f)){this.f|=6;for(var e=this.t;e!==void 0;e=e.x)e.t.N()}};Object.defineProperty(Ke.prototype,"value",{get:function(){if(1&this.f)throw new Error("Cycle detected");var e=Lr(this);if(this.h(),e!==void 0&&(e.i=this.i),16&this.f)throw this.v;return this.v}});function xe(e,t){return new Ke(e,t)}function Fr(e){var t=e.j;if(e.j=void 0,typeof t=="function"){Ee++;var r=$;$=void 0;try{t()}catch(o){throw e.f&=-2,e.f|=8,Tn(e),o}finally{$=r,Ut()}}}function Tn(e){for(var t=e.s;t!==void 0;t=t.n)t.S.U(t);e.x=void 0,e.s=void 0,Fr(e)}function gi(e){if($!==this)throw new Error("Out-of-order effect");Ur(this),$=e,this.f&=-2;try{8&this.f&&Tn(this)}finally{Ut()}}function Ye(e,t){this.x=e,this.j=void 0,this.s=void 0,this.u=void 0,this.f=32,this.name=t?.name,pt&&pt.push(this)}Ye.prototype.c=function(){var e=this.S();try{if(8&this.f||this.x===void 0)return;var t=this.x();typeof t=="function"&&(this.j=t)}finally{e()}};Ye.prototype.S=function(){if(1&this.f)throw new Error("Cycle detected");this.f|=1,this.f&=-9,Fr(this),Vr(this),Ee++;var e=$;return $=this,gi.bind(this,e)};Ye.prototype.N=function(){2&this.f||(this.f|=2,this.u=mt,mt=this)};Ye.prototype.d=function(){this.f|=8,1&this.f||Tn(this)};Ye.prototype.dispose=function(){this.d()};function de(e,t){var r=new Ye(e,t);try{r.c()}catch(s){throw r.d(),s}var o=r.d.bind(r);return o[Symbol.dispose]=o,o}var Kr,Kt,Ft,hi=typeof window<"u"&&!!window.__PREACT_SIGNALS_DEVTOOLS__;var Br=[];de(function(){Kr=this.N})();function Je(e,t){E[e]=t.bind(null,E[e]||function(){})}function gt(e){if(Ft){var t=Ft;Ft=void 0,t()}Ft=e&&e.S()}function qr(e){var t=this,r=e.data,o=yi(r);o.name="ReactiveDom",o.value=r;var s=ze(function(){for(var u=t,l=t.__v;l=l.__;)if(l.__c){l.__c.__$f|=4;break}var c=xe(function(){var d=o.value.value;return d===0?0:d===!0?"":d||""}),p=xe(function(){return!Array.isArray(c.value)&&!vn(c.value)}),f=de(function(){if(this.N=Wr,p.value){var d=c.value;u.__v&&u.__v.__e&&u.__v.__e.nodeType===3&&(u.__v.__e.data=d)}}),m=t.__$u.d;return t.__$u.d=function(){f(),m.call(this)},[p,c]},[]),i=s[0],a=s[1];return i.value?a.peek():a.value}qr.displayName="ReactiveTextNode";Object.defineProperties(H.prototype,{constructor:{configurable:!0,value:it(v,null).constructor},type:{configurable:!0,value:qr},props:{configurable:!0,get:function(){var e=this;return{data:{get value(){return e.value}}}}},__b:{configurable:!0,value:1}});Je("__b",function(e,t){if(gt(),Kt=void 0,typeof t.type=="string"){var r,o=t.props;for(var s in o)if(s!=="children"){var i=o[s];i instanceof H&&(r||(t.__np=r={}),r[s]=i,o[s]=i.peek())}}e(t)});Je("__r",function(e,t){if(e(t),t.type!==v){gt();var r,o=t.__c;o&&(o.__$f&=-2,(r=o.__$u)===void 0&&(o.__$u=r=(function(s,i){var a;return de(function(){a=this},{name:i}),a.c=s,a})((function(s){return function(){var i;hi&&((i=this.y)==null||i.call(this)),s.__$f|=1,s.setState({})}})(o),typeof t.type=="function"?t.type.displayName||t.type.name:""))),Kt=o,gt(r)}});Je("__e",function(e,t,r,o){gt(),Kt=void 0,e(t,r,o)});Je("diffed",function(e,t){gt(),Kt=void 0;var r;if(typeof t.type=="string"&&(r=t.__e)){var o=t.__np,s=t.props,i=r.U;if(i)for(var a in i){var u=i[a];u===void 0||o&&a in o||(u.d(),i[a]=void 0)}if(o){i||(i={},r.U=i);for(var l in o){var c=i[l],p=o[l];c===void 0?(c=bi(r,l,p,s),i[l]=c):c.o(p,s)}}}e(t)});function bi(e,t,r,o){var s=t in e&&e.ownerSVGElement===void 0,i=D(r);return{o:function(a,u){i.value=a,o=u},d:de(function(){this.N=Wr;var a=i.value.value;o[t]!==a&&(o[t]=a,s?e[t]=a:a!=null&&(a!==!1||t[4]==="-")?e.setAttribute(t,a):e.removeAttribute(t))})}}Je("unmount",function(e,t){if(typeof t.type=="string"){var r=t.__e;if(r){var o=r.U;if(o){r.U=void 0;for(var s in o){var i=o[s];i&&i.d()}}}var a=t.__np;if(a){var u=t.props;for(var l in a)u[l]=a[l]}t.__np=void 0}else{var c=t.__c;if(c){c.__$f|=8;var p=c.__$u;p&&(c.__$u=void 0,p.d())}}e(t)});Je("__h",function(e,t,r,o){o<3&&(t.__$f|=2),e(t,r,o)});we.prototype.shouldComponentUpdate=function(e,t){if(this.__R)return!0;var r=this.__$u,o=r&&r.s!==void 0;for(var s in t)return!0;if(this.__f||typeof this.u=="boolean"&&this.u===!0){var i=2&this.__$f;if(!(o||i||4&this.__$f)||1&this.__$f)return!0}else if(!(o||4&this.__$f)||3&this.__$f)return!0;for(var a in e)if(a!=="__source"&&e[a]!==this.props[a])return!0;for(var u in this.props)if(!(u in e))return!0;return!1};function yi(e,t){return ze(function(){return D(e,t)},[])}var vi=function(e){queueMicrotask(function(){queueMicrotask(e)})};function _i(){Te(function(){for(var e;e=Br.shift();)Kr.call(e)})}function Wr(){Br.push(this)===1&&(E.requestAnimationFrame||vi)(_i)}function re(e){return e===null?"null":Array.isArray(e)?"array":typeof e}function De(e){return re(e)==="object"}function wi(e){return Array.isArray(e)&&e.length>0&&e.every(t=>"message"in t)}function Dn(e,t){return e.length<124?e:t}var Hr="graphql-transport-ws";var ue=(e=>(e[e.InternalServerError=4500]="InternalServerError",e[e.InternalClientError=4005]="InternalClientError",e[e.BadRequest=4400]="BadRequest",e[e.BadResponse=4004]="BadResponse",e[e.Unauthorized=4401]="Unauthorized",e[e.Forbidden=4403]="Forbidden",e[e.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",e[e.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",e[e.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",e[e.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",e[e.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",e))(ue||{}),le=(e=>(e.ConnectionInit="connection_init",e.ConnectionAck="connection_ack",e.Ping="ping",e.Pong="pong",e.Subscribe="subscribe",e.Next="next",e.Error="error",e.Complete="complete",e))(le||{});function Qr(e){if(!De(e))throw new Error(`Message is expected to be an object, but got ${re(e)}`);if(!e.type)throw new Error("Message is missing the 'type' property");if(typeof e.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${re(e.type)}`);switch(e.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(e.payload!=null&&!De(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${e.payload}"`);break}case"subscribe":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!De(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${re(e.payload)}`);if(typeof e.payload.query!="string")throw new Error(`"${e.type}" message payload expects the 'query' property to be a string, but got ${re(e.payload.query)}`);if(e.payload.variables!=null&&!De(e.payload.variables))throw new Error(`"${e.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${re(e.payload.variables)}`);if(e.payload.operationName!=null&&re(e.payload.operationName)!=="string")throw new Error(`"${e.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${re(e.payload.operationName)}`);if(e.payload.extensions!=null&&!De(e.payload.extensions))throw new Error(`"${e.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${re(e.payload.extensions)}`);break}case"next":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!De(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${re(e.payload)}`);break}case"error":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!wi(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(e.payload)}`);break}case"complete":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${e.type}"`)}return e}function Gr(e,t){return Qr(typeof e=="string"?JSON.parse(e,t):e)}function Xe(e,t){return Qr(e),JSON.stringify(e,t)}function Ln(e){let{url:t,connectionParams:r,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:i=0,keepAlive:a=0,disablePong:u,connectionAckWaitTimeout:l=0,retryAttempts:c=5,retryWait:p=async function(O){let P=Math.pow(2,O);await new Promise(I=>setTimeout(I,P*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:f=On,on:m,webSocketImpl:d,generateID:g=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,O=>{let P=Math.random()*16|0;return(O=="x"?P:P&3|8).toString(16)})},jsonMessageReplacer:b,jsonMessageReviver:y}=e,x;if(d){if(!Si(d))throw new Error("Invalid WebSocket implementation provided");x=d}else typeof WebSocket<"u"?x=WebSocket:typeof global<"u"?x=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(x=window.WebSocket||window.MozWebSocket);if(!x)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let _=x,A=(()=>{let C=(()=>{let P={};return{on(I,B){return P[I]=B,()=>{delete P[I]}},emit(I){"id"in I&&P[I.id]?.(I)}}})(),O={connecting:m?.connecting?[m.connecting]:[],opened:m?.opened?[m.opened]:[],connected:m?.connected?[m.connected]:[],ping:m?.ping?[m.ping]:[],pong:m?.pong?[m.pong]:[],message:m?.message?[C.emit,m.message]:[C.emit],closed:m?.closed?[m.closed]:[],error:m?.error?[m.error]:[]};return{onMessage:C.on,on(P,I){let B=O[P];return B.push(I),()=>{let q=B.indexOf(I);q>-1&&B.splice(q,1)}},emit(P,...I){for(let B of[...O[P]])B(...I)}}})();function T(C){let O=[A.on("error",P=>{O.forEach(I=>I()),C(P)}),A.on("closed",P=>{O.forEach(I=>I()),C(P)})];return()=>O.forEach(P=>P())}let ge,he=0,Re,ae=!1,$e=0,be=!1;async function _e(){clearTimeout(Re);let[C,O]=await(ge??(ge=new Promise((B,q)=>(async()=>{if(ae){if(await p($e),!he)return ge=void 0,q({code:1e3,reason:"All Subscriptions Gone"});$e++}A.emit("connecting",ae);let M=new _(typeof t=="function"?await t():t,Hr),Ae,Qe;function Et(){isFinite(a)&&a>0&&(clearTimeout(Qe),Qe=setTimeout(()=>{M.readyState===_.OPEN&&(M.send(Xe({type:le.Ping})),A.emit("ping",!1,void 0))},a))}T(X=>{ge=void 0,clearTimeout(Ae),clearTimeout(Qe),q(X),X instanceof ht&&(M.close(4499,"Terminated"),M.onerror=null,M.onclose=null)}),M.onerror=X=>A.emit("error",X),M.onclose=X=>A.emit("closed",X),M.onopen=async()=>{try{A.emit("opened",M);let X=typeof r=="function"?await r():r;if(M.readyState!==_.OPEN)return;M.send(Xe(X?{type:le.ConnectionInit,payload:X}:{type:le.ConnectionInit},b)),isFinite(l)&&l>0&&(Ae=setTimeout(()=>{M.close(ue.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},l)),Et()}catch(X){A.emit("error",X),M.close(ue.InternalClientError,Dn(X instanceof Error?X.message:String(X),"Internal client error"))}};let Ge=!1;M.onmessage=({data:X})=>{try{let Y=Gr(X,y);if(A.emit("message",Y),Y.type==="ping"||Y.type==="pong"){A.emit(Y.type,!0,Y.payload),Y.type==="pong"?Et():u||(M.send(Xe(Y.payload?{type:le.Pong,payload:Y.payload}:{type:le.Pong},b)),A.emit("pong",!1,Y.payload));return}if(Ge)return;if(Y.type!==le.ConnectionAck)throw new Error(`First message cannot be of type ${Y.type}`);clearTimeout(Ae),Ge=!0,A.emit("connected",M,Y.payload,ae),ae=!1,$e=0;let dr=new Promise((Za,ri)=>T(ri));dr.catch(()=>{}),B([M,dr])}catch(Y){M.onmessage=null,A.emit("error",Y),M.close(ue.BadResponse,Dn(Y instanceof Error?Y.message:String(Y),"Bad response"))}}})())));C.readyState===_.CLOSING&&await O;let P=()=>{},I=new Promise(B=>P=B);return[C,P,new Promise((B,q)=>{let M=T(q);C.readyState!==_.OPEN&&O.catch(q),I.then(()=>{if(M(),!he){let Ae=()=>C.close(1e3,"Normal Closure");isFinite(i)&&i>0?(clearTimeout(Re),Re=setTimeout(()=>{!he&&C.readyState===_.OPEN&&Ae()},i)):Ae()}B()})})]}function ce(C){if(On(C)&&(xi(C.code)||[ue.InternalServerError,ue.InternalClientError,ue.BadRequest,ue.BadResponse,ue.Unauthorized,ue.SubprotocolNotAcceptable,ue.SubscriberAlreadyExists,ue.TooManyInitialisationRequests].includes(C.code)))throw C;if(be)return!1;if(On(C)&&C.code===1e3)return he>0;if(!c||$e>=c||!f(C))throw C;return ae=!0}o||(async()=>{for(he++;;)try{let[,,C]=await _e();await C}catch(C){try{if(!ce(C))return}catch(O){return s?.(O)}}})();function te(C,O){let P=g(C),I=!1,B=!1,q=()=>{he--,I=!0};return(async()=>{for(he++;;)try{let[M,Ae,Qe]=await _e();if(I)return Qe.catch(()=>{}),Ae();let Et=A.onMessage(P,Ge=>{switch(Ge.type){case le.Next:{O.next(Ge.payload);return}case le.Error:{B=!0,I=!0,O.error(Ge.payload),q();return}case le.Complete:{I=!0,q();return}}});M.send(Xe({id:P,type:le.Subscribe,payload:C},b)),q=()=>{!I&&M.readyState===_.OPEN&&M.send(Xe({id:P,type:le.Complete},b)),he--,I=!0,Ae()},await Qe.finally(Et);return}catch(M){if(!ce(M))return}})().then(()=>{B||O.complete()}).catch(M=>{O.error(M)}),()=>{I||q()}}return{on:A.on,subscribe:te,iterate(C){let O=[],P={done:!1,error:null,resolve:()=>{}},I=te(C,{next(q){O.push(q),P.resolve()},error(q){P.done=!0,P.error=q,P.resolve()},complete(){P.done=!0,P.resolve()}}),B=(async function*(){for(;;){for(O.length||await new Promise(M=>P.resolve=M);O.length;)yield O.shift();if(P.error)throw P.error;if(P.done)return}})();return B.throw=async q=>(P.done||(P.done=!0,P.error=q,P.resolve()),{done:!0,value:void 0}),B.return=async()=>(I(),{done:!0,value:void 0}),B},async dispose(){if(be=!0,ge){let[C]=await ge;C.close(1e3,"Normal Closure")}},terminate(){ge&&A.emit("closed",new ht)}}}var ht=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function On(e){return De(e)&&"code"in e&&"reason"in e}function xi(e){return[1e3,1001,1006,1005,1012,1013,1014].includes(e)?!1:e>=1e3&&e<=1999}function Si(e){return typeof e=="function"&&"constructor"in e&&"CLOSED"in e&&"CLOSING"in e&&"CONNECTING"in e&&"OPEN"in e}var Bt=class extends Error{code;field;constructor(t,r,o){super(r),this.code=t,this.field=o}},jr=3e4,J=null,$n=null,zr=new Set,qt=new BroadcastChannel("otpwire-session");qt.onmessage=({data:e})=>{switch(e.type){case"token":J&&(J=e.token);break;case"signed-in":bt("changed-elsewhere");break;case"signed-out":J=null,bt("signed-out")}};function bt(e){for(let t of zr)t(e)}function Yr(e){zr.add(e)}async function Wt(){return J&&J.expiresAt-jr>Date.now()?J.value:J?Be():null}function Be(){return $n??=ki(Pi).finally(()=>$n=null),$n}async function ki(e){let t=J;return navigator.locks?navigator.locks.request("otpwire-session",()=>e(t)):e(t)}async function Pi(e){if(J&&J!==e&&J.expiresAt-jr>Date.now())return J.value;let t=await Ht("/session/refresh");if(t.status===204){let r=J!==null;return J=null,r&&bt("signed-out"),null}return Vn(await t.json())}function Vn({access_token:e,expires_in:t}){return J={value:e,expiresAt:Date.now()+t*1e3},qt.postMessage({type:"token",token:J}),e}async function yt(e){let t=await Ht("/session",e);Vn(await t.json()),qt.postMessage({type:"signed-in"}),bt("signed-in")}async function Jr(e,t){let r=await Ht("/session/password",{current_password:e,new_password:t},await Wt());Vn(await r.json())}async function Un(){await Ht("/session/end"),J=null,qt.postMessage({type:"signed-out"}),bt("signed-out")}async function Ht(e,t,r){let o={accept:"application/json"};t&&(o["content-type"]="application/json"),r&&(o.authorization=`Bearer ${r}`);let s;try{s=await fetch(e,{method:"POST",headers:o,...t&&{body:JSON.stringify(t)}})}catch{throw new Bt("OFFLINE","The server cannot be reached.")}if(s.ok)return s;let i=await s.json().catch(()=>null);throw new Bt(i?.code??"UNAVAILABLE",i?.details?.issue??i?.message??`The server answered ${s.status}.`,i?.details?.field)}var oe=class extends Error{code;field;details;constructor(t,r,o={}){super(r),this.code=t,this.field=typeof o.field=="string"?o.field:void 0,this.details=o}},Ai=new Set(["TOKEN_EXPIRED","SESSION_ENDED","UNAUTHENTICATED"]);function Kn({message:e,extensions:t={}}){return new oe(t.code??"INTERNAL",t.issue??e,t)}async function S(e,...[t]){let r=await Wt().catch(Fn),o=await Zr(e,t,r);if(r&&o.errors?.some(({extensions:s})=>Ai.has(s?.code??""))){let s=await Be().catch(Fn);if(s)return Xr(await Zr(e,t,s))}return Xr(o)}function Xr({data:e,errors:t}){if(t?.[0])throw Kn(t[0]);if(!e)throw new oe("INTERNAL","The server answered without data.");return e}async function Zr(e,t,r){let o=await fetch("/graphql",{method:"POST",headers:{accept:"application/graphql-response+json","content-type":"application/json",...r&&{authorization:`Bearer ${r}`}},body:JSON.stringify({query:e.toString(),variables:t})}).catch(Fn);return o.json().catch(()=>{throw new oe("UNAVAILABLE",`The server answered ${o.status}.`)})}function Fn(){throw new oe("OFFLINE","The server cannot be reached.")}var Ei=1e4,eo=5e3;function no(e,t){let r=Date.now(),o,s,i=new Promise(u=>s=u),a=Ln({url:`${location.protocol==="https:"?"wss:":"ws:"}//${location.host}/graphql`,connectionParams:async()=>({Authorization:`Bearer ${await Wt()}`}),retryAttempts:0,connectionAckWaitTimeout:eo*2,keepAlive:Ei,on:{connected:t,message:()=>r=Date.now(),ping:u=>{u||(o=setTimeout(()=>a.terminate(),eo))},pong:()=>clearTimeout(o),closed:u=>{clearTimeout(o),s(to(u))}}});for(let{document:u,variables:l,next:c}of e)a.subscribe({query:u.toString(),...l&&{variables:l}},{next:({data:p,errors:f})=>{let m=f?.[0];m?s(Kn(m)):p&&c(p)},error:p=>s(to(p)),complete:()=>s(null)});return{ended:i,close:()=>{a.dispose()},heardAt:()=>r}}function to(e){return Array.isArray(e)&&e[0]?Kn(e[0]):e instanceof CloseEvent&&(e.code===4401||e.code===4403)?new oe("UNAUTHENTICATED",e.reason):e instanceof oe?e:null}var w=class extends String{__apiType;value;__meta__;constructor(t,r){super(t),this.value=t,this.__meta__=r}toString(){return this.value}},_u=new w(`
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}
    `,{fragmentName:"ProviderSummary"}),wu=new w(`
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}
    `,{fragmentName:"InboxMessage"}),xu=new w(`
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}
    `,{fragmentName:"RentedNumber"}),ro=new w(`
    query Viewer {
  viewer {
    id
    email
    firstName
    lastName
    role
    plan
    emailVerified
  }
}
    `),oo=new w(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
    }
  }
}
    `),so=new w(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    message
  }
}
    `),Qt=new w(`
    mutation ResendVerificationEmail($input: MailInput!) {
  resendVerificationEmail(input: $input) {
    message
  }
}
    `),io=new w(`
    mutation RequestPasswordReset($input: MailInput!) {
  requestPasswordReset(input: $input) {
    message
  }
}
    `),ao=new w(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    message
  }
}
    `),uo=new w(`
    mutation UpdateViewer($input: UpdateViewerInput!) {
  updateViewer(input: $input) {
    user {
      id
      firstName
      lastName
    }
  }
}
    `),lo=new w(`
    query Sessions {
  sessions {
    id
    isCurrent
    userAgent
    ipAddress
    createdAt
    lastUsedAt
  }
}
    `),co=new w(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    message
  }
}
    `),po=new w(`
    mutation LogOutEverywhere {
  logOutEverywhere {
    message
  }
}
    `),mo=new w(`
    query ApiKeys {
  apiKeys {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    expiresAt
  }
}
    `),fo=new w(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
    }
  }
}
    `),go=new w(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    message
  }
}
    `),ho=new w(`
    query Overview {
  stats {
    messageCount
    openConnectionCount
    phoneNumbers {
      available
      assigned
      expired
      blocked
    }
    users {
      total
      active
      premium
    }
    webhooks {
      received
      duplicate
      quarantined
      unroutable
      failed
    }
  }
}
    `),Ze=new w(`
    query Providers($first: Int!, $after: String) {
  providers(first: $first, after: $after) {
    nodes {
      ...ProviderSummary
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),bo=new w(`
    query Provider($id: ID!) {
  node(id: $id) {
    ...ProviderSummary
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),yo=new w(`
    query ProviderKinds {
  providerKinds {
    kind
    title
    secret
    isPreset
    settings {
      name
      description
    }
  }
}
    `),vo=new w(`
    mutation CreateProvider($input: CreateProviderInput!) {
  createProvider(input: $input) {
    generatedSecret
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),Gt=new w(`
    mutation UpdateProvider($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),_o=new w(`
    mutation SimulateInboundSms($input: SimulateInboundSmsInput!) {
  simulateInboundSms(input: $input) {
    outcome
    message {
      id
      otp {
        code
        service
      }
    }
  }
}
    `),jt=new w(`
    query AllNumbers($filter: PhoneNumberFilter, $first: Int!, $after: String) {
  phoneNumbers(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...RentedNumber
      provider {
        id
        name
      }
      renter {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),wo=new w(`
    mutation ImportPhoneNumbers($input: ImportPhoneNumbersInput!) {
  importPhoneNumbers(input: $input) {
    addedIds
    knownCount
    rejected {
      index
      message
    }
  }
}
    `),xo=new w(`
    mutation SetPhoneNumberStatus($input: SetPhoneNumberStatusInput!) {
  setPhoneNumberStatus(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),So=new w(`
    query DeliveryReports($filter: DeliveryReportFilter, $first: Int!, $after: String) {
  deliveryReports(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      kind
      status
      phoneNumber
      providerMessageId
      providerStatus
      messageId
      errorMessage
      retryCount
      createdAt
      payload
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),ko=new w(`
    query Users($filter: UserFilter, $first: Int!, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      id
      email
      firstName
      lastName
      role
      plan
      isActive
      emailVerified
      createdAt
      lastLogin
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Po=new w(`
    mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id
      role
      plan
      isActive
    }
  }
}
    `),Ao=new w(`
    query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      action
      target
      details
      createdAt
      actor {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Eo=new w(`
    query OtpPatterns($first: Int!, $after: String) {
  otpPatterns(first: $first, after: $after) {
    nodes {
      id
      pattern
      sender
      service
      isActive
      createdAt
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),No=new w(`
    query TestOtpPattern($pattern: String!, $text: String!) {
  testOtpPattern(pattern: $pattern, text: $text) {
    code
    service
  }
}
    `),Co=new w(`
    mutation CreateOtpPattern($input: CreateOtpPatternInput!) {
  createOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Ro=new w(`
    mutation UpdateOtpPattern($input: UpdateOtpPatternInput!) {
  updateOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Mo=new w(`
    mutation DeleteOtpPattern($input: DeleteOtpPatternInput!) {
  deleteOtpPattern(input: $input) {
    deletedOtpPatternId
  }
}
    `),Bn=new w(`
    query Messages($first: Int!, $after: String) {
  messages(first: $first, after: $after) {
    latestCursor
    nodes {
      ...InboxMessage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Io=new w(`
    subscription MessageReceived($after: String!) {
  messageReceived(after: $after) {
    cursor
    message {
      ...InboxMessage
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),To=new w(`
    mutation MarkMessageRead($input: MarkMessageReadInput!) {
  markMessageRead(input: $input) {
    message {
      id
      isRead
    }
  }
}
    `),Do=new w(`
    mutation MarkAllMessagesRead($input: MarkAllMessagesReadInput!) {
  markAllMessagesRead(input: $input) {
    markedCount
  }
}
    `),Oo=new w(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    deletedMessageId
  }
}
    `),Lo=new w(`
    query Numbers {
  phoneNumbers(filter: {mine: true}, first: 100) {
    nodes {
      ...RentedNumber
    }
  }
  countries {
    code
    availableCount
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),$o=new w(`
    subscription PhoneNumberUpdated {
  phoneNumberUpdated {
    ...RentedNumber
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),Vo=new w(`
    mutation AssignPhoneNumber($input: AssignPhoneNumberInput!) {
  assignPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),Uo=new w(`
    mutation ExtendPhoneNumber($input: ExtendPhoneNumberInput!) {
  extendPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`),Fo=new w(`
    mutation ReleasePhoneNumber($input: ReleasePhoneNumberInput!) {
  releasePhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
}`);function Ko(e,t){let r=Math.min(250*2**e,15e3);return Math.round(r/2+r/2*t)}function qn(e){let{latestCursor:t,nodes:r,pageInfo:o}=e;return{messages:r,cursor:t,older:o.hasNextPage?o.endCursor:null}}function Wn(e,t){let r=t.at(-1);if(!r)return e;let o=Wo(e.messages,t.map(({message:s})=>s)).reverse();return{...e,messages:[...o,...e.messages],cursor:r.cursor}}function Bo(e,t){let{nodes:r,pageInfo:o}=t;return{...e,messages:[...e.messages,...Wo(e.messages,r)],older:o.hasNextPage?o.endCursor:null}}function qo(e,t,r){return Wn({...qn(t),cursor:e.cursor},r)}function Hn(e,t){let r=({id:s})=>t==="all"||t.has(s),o=e.messages.map(s=>!s.isRead&&r(s)?{...s,isRead:!0}:s);return{...e,messages:o}}function Qn(e,t){return{...e,messages:e.messages.filter(r=>r.id!==t)}}function Wo(e,t){let r=new Set(e.map(({id:o})=>o));return t.filter(({id:o})=>!r.has(o)&&r.add(o))}var Se={text:"",phoneNumberId:"",service:"",sender:"",type:"",unread:!1};function et(e){return Object.values(e).some(Boolean)}function zt(e){return e.normalize("NFKD").replace(/\p{M}/gu,"").toLowerCase()}function Ho(e){let t=zt(e.text).split(/\s+/).filter(Boolean),r=(o,s)=>!o||zt(o)===zt(s??"");return o=>{if(e.unread&&o.isRead||e.type&&o.messageType!==e.type||e.phoneNumberId&&o.phoneNumberId!==e.phoneNumberId||!r(e.service,o.otp?.service)||!r(e.sender,o.senderNumber))return!1;if(t.length===0)return!0;let{messageContent:s,senderNumber:i,phoneNumber:a,otp:u}=o,l=zt([s,i,a,u?.code,u?.service].join(`
`));return t.every(c=>l.includes(c))}}function Qo(e){let t=r=>[...new Set(r)].filter(o=>o!=null&&o!=="").sort((o,s)=>o.localeCompare(s));return{services:t(e.map(({otp:r})=>r?.service)),senders:t(e.map(({senderNumber:r})=>r))}}var jo=100,Ni=5,zo=6e4,Ci=16,N=D(null),ye=D(null),jn=D([]),Oe=D("connecting"),xt=D(!1),Q=D(Se),qe=D(!1),en=D([]),St=xe(()=>N.value?.messages.filter(Ho(Q.value))??[]),We=xe(()=>N.value?.messages.reduce((e,{isRead:t})=>e+(t?0:1),0)??0),tn=xe(()=>{let e=new Map;for(let{isRead:t,phoneNumberId:r}of N.value?.messages??[])t||e.set(r,(e.get(r)??0)+1);return e}),zn=new BroadcastChannel("otpwire-inbox"),Xt=null,_t=null,Gn=()=>{},wt=[],Jt=null,Yo=0,vt=null;function Jo(){Yn(),Xt=new AbortController;let{signal:e}=Xt;addEventListener("online",ts,{signal:e}),addEventListener("offline",()=>Oe.value="offline",{signal:e}),document.addEventListener("visibilitychange",Oi,{signal:e}),zn.onmessage=({data:t})=>{N.value&&(N.value=t.type==="deleted"?Qn(N.value,t.id):Hn(N.value,t.ids==="all"?"all":new Set(t.ids)))},Ri(e)}function Yn(){Xt?.abort(),Xt=null,_t?.close(),wt=[],zn.onmessage=null,Te(()=>{N.value=null,ye.value=null,Oe.value="connecting",xt.value=!1,Q.value=Se})}async function Ri(e){for(let t=0;!e.aborted;){let r={time:0},o=await Mi(e,r).catch(s=>s);if(e.aborted)return;switch(r.time&&Date.now()-r.time>2e3&&(t=0),Oe.value=navigator.onLine?"waiting":"offline",o?.code){case"CURSOR_EXPIRED":Te(()=>{xt.value=!0,N.value=null});continue;case"TOKEN_EXPIRED":case"SESSION_ENDED":case"UNAUTHENTICATED":if(await Be().catch(()=>"")===null)return}await Di(Ko(t++,Math.random()),e)}}async function Mi(e,t){if(Oe.value="connecting",N.value||(N.value=qn(await Zo())),e.aborted)return null;let r={document:Io,variables:{after:Xo()},next:({messageReceived:a})=>a&&Ii(a)},s=no([r,{document:$o,next:({phoneNumberUpdated:a})=>{a&&kt(a),Zt().catch(()=>{})}}],()=>{t.time=Date.now(),Oe.value="live",Zt().catch(()=>{})});_t=s,e.addEventListener("abort",s.close);let i=await s.ended;return e.removeEventListener("abort",s.close),s.close(),nn(),i}function Xo(){return wt.at(-1)?.cursor??N.value?.cursor??""}function Ii(e){wt.push(e),vt?.push(e),Jt??=setTimeout(nn,Math.max(0,Yo+Ci-performance.now()))}function nn(){Jt!==null&&clearTimeout(Jt),Jt=null;let e=wt;if(e.length===0||!N.value)return;wt=[],Yo=performance.now();let t=N.value.messages.length,r=Wn(N.value,e);Te(()=>{N.value=r,en.value=r.messages.slice(0,r.messages.length-t)})}async function Zo(){let{messages:e}=await S(Bn,{first:jo});if(!e)throw new Error("the list has no page");return e}async function Ti(){if(!(!N.value||vt)){vt=[];try{let e=await Zo();nn(),N.value&&(N.value=qo(N.value,e,vt))}finally{vt=null}}}async function Jn(){let e=N.value?.older;if(!(!e||qe.value)){qe.value=!0;try{let{messages:t}=await S(Bn,{first:jo,after:e});t&&N.value?.older===e&&(N.value=Bo(N.value,t))}finally{qe.value=!1}}}var Yt={search:Se,pages:0};de(()=>{Q.value!==Yt.search&&(Yt={search:Q.value,pages:0}),et(Q.value)&&St.value.length<20&&N.value?.older&&!qe.value&&Yt.pages<Ni&&(Yt.pages+=1,Jn().catch(()=>{}))});async function Zt(){let e=await S(Lo);Te(()=>{ye.value=e.phoneNumbers?.nodes??[],jn.value=e.countries??[]})}function kt(e){let t=ye.value?.filter(({id:o})=>o!==e.id)??[],r=e.status==="ASSIGNED"&&e.expiresAt!==null;ye.value=r?[...t,e].sort((o,s)=>o.phoneNumber.localeCompare(s.phoneNumber)):t}async function tt(e){e.isRead||!N.value||(Xn({type:"read",ids:[e.id]}),await S(To,{input:{messageId:e.id}}))}async function es(){nn(),await S(Do,{input:{upTo:Xo()}}),Xn({type:"read",ids:"all"})}async function rn(e){await S(Oo,{input:{messageId:e.id}}),Xn({type:"deleted",id:e.id})}function Xn(e){zn.postMessage(e),N.value&&(N.value=e.type==="deleted"?Qn(N.value,e.id):Hn(N.value,e.ids==="all"?"all":new Set(e.ids)))}function Di(e,t){return new Promise(r=>{let o=setTimeout(s,e);function s(){clearTimeout(o),t.removeEventListener("abort",s),Gn=()=>{},r()}Gn=s,t.addEventListener("abort",s)})}function ts(){Gn(),_t&&Date.now()-_t.heardAt()>zo/2&&_t.close()}var Go=0;function Oi(){if(document.hidden){Go=Date.now();return}ts(),Date.now()-Go>zo&&Ti().catch(()=>{})}var ke=D(location.pathname);addEventListener("popstate",()=>ke.value=location.pathname);function Ne(e,{replace:t=!1}={}){e!==location.pathname+location.search&&(history[t?"replaceState":"pushState"](null,"",e),ke.value=location.pathname,scrollTo(0,0))}function ns(){document.addEventListener("click",e=>{let t=e.target instanceof Element?e.target.closest("a"):null,r=!e.defaultPrevented&&e.button===0&&!(e.metaKey||e.ctrlKey||e.shiftKey||e.altKey);!t||!r||t.target||t.origin!==location.origin||!Vi(t.pathname)||(e.preventDefault(),Ne(t.pathname+t.search))})}var $i=["/","/numbers","/account","/sign-in","/register","/verify-email","/forgot-password","/reset-password","/console","/console/providers","/console/numbers","/console/messages","/console/users","/console/audit","/console/patterns"];function Vi(e){return $i.includes(e)||/^\/console\/providers\/[^/]+$/.test(e)}var rs=xe(()=>ke.value.split("/").filter(Boolean));function Pt(e){let r=new URLSearchParams(location.hash.slice(1)).get(e);return r!==null&&history.replaceState(null,"",location.pathname+location.search),r}var Ui=Symbol.for("pv"),Fi=0;function n(e,t,r,o,s,i){t||(t={});var a,u,l=t;if("ref"in l&&typeof e!="function")for(u in l={},t)u=="ref"?a=t[u]:l[u]=t[u];var c={type:e,props:l,key:r,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:Ui,__v:--Fi,__i:-1,__u:0};return(s||i)&&(c.__source=s,c.__self=i),E.vnode&&E.vnode(c),c}var At=D([]),Ki=0;function R(e,{isError:t=!1}={}){let r=++Ki;At.value=[...At.value.slice(-2),{id:r,text:e,isError:t}],setTimeout(()=>At.value=At.value.filter(o=>o.id!==r),t?9e3:4500)}function L(e){R(se(e instanceof Error?e.message:String(e)),{isError:!0})}function se(e){let t=e.charAt(0).toUpperCase()+e.slice(1);return/[.!?…]$/.test(t)?t:`${t}.`}function os(){return n("div",{class:"toasts",role:"status","aria-live":"polite",children:At.value.map(({id:e,text:t,isError:r})=>n("p",{class:r?"toast error":"toast",children:t},e))})}var G=D(void 0);async function ss(){let e=Pt("sign-in");if(Yr(t=>{switch(t){case"signed-in":on();break;case"changed-elsewhere":location.reload();break;case"signed-out":G.value&&R("You are signed out."),Yn(),G.value=null}}),e)try{await yt({sign_in_token:e});return}catch{}for(let t=250;;t=Math.min(t*2,1e4))try{await Be()===null?(G.value=null,e&&R("That link was used before, or is too old. Sign in instead.")):await on();return}catch{await new Promise(r=>setTimeout(r,t))}}async function on(){let e=G.value,{viewer:t}=await S(ro);G.value=t,t&&e?.id!==t.id&&(Jo(),["/sign-in","/register","/forgot-password"].includes(location.pathname)&&Ne("/",{replace:!0}))}function ne(e,t){let[r,o]=h({data:null,error:null,isLoading:!0}),s=je(0),i=JSON.stringify(t),a=ct(async()=>{let u=++s.current;o(l=>({...l,isLoading:!0}));try{let l=await S(e,JSON.parse(i));u===s.current&&o({data:l,error:null,isLoading:!1})}catch(l){u===s.current&&o(c=>({...c,error:l,isLoading:!1}))}},[e,i]);return Z(()=>(a(),()=>{s.current++}),[a]),{...r,reload:a}}var is=50;function pe(e,t,r){let o=ne(e,{...t,first:is}),[s,i]=h({of:null,pages:[]}),[a,u]=h(!1),[l,c]=h(null),p=o.data&&r(o.data),f=p?[p,...s.of===o.data?s.pages:[]]:[],m=f.at(-1),d=async()=>{if(!(!m?.pageInfo.endCursor||a)){u(!0);try{let g=await S(e,{...t,first:is,after:m.pageInfo.endCursor}),b=r(g);b&&i({of:o.data,pages:[...f.slice(1),b]}),c(null)}catch(g){c(g)}finally{u(!1)}}};return{nodes:f.flatMap(({nodes:g})=>g),totalCount:p?.totalCount??null,hasMore:m?.pageInfo.hasNextPage??!1,more:()=>{d()},error:l??o.error,isLoading:o.isLoading||a,reload:o.reload}}function me({list:e,children:t}){return e.error?n("p",{class:"problem",role:"alert",children:[se(e.error.message)," ",n("button",{type:"button",class:"button",onClick:()=>{e.reload()},children:"Try again"})]}):e.nodes.length===0?e.isLoading?n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]}):n("div",{class:"empty",children:t}):e.hasMore?n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:e.isLoading,onClick:e.more,children:"Show more"})}):null}var He=D(Date.now());setInterval(()=>He.value=Date.now(),1e3);var sn=new Intl.RelativeTimeFormat("en",{numeric:"always",style:"narrow"}),Bi=new Intl.DateTimeFormat("en",{dateStyle:"medium",timeStyle:"medium"});function as(e,t){let r=Math.max(0,Math.round((t-Date.parse(e))/1e3));return r<5?"now":r<60?sn.format(-r,"second"):r<3600?sn.format(-Math.floor(r/60),"minute"):r<86400?sn.format(-Math.floor(r/3600),"hour"):sn.format(-Math.floor(r/86400),"day")}function us(e,t){let r=Math.max(0,Math.floor((Date.parse(e)-t)/1e3)),o=a=>String(a).padStart(2,"0"),[s,i]=[Math.floor(r/3600),Math.floor(r/60)%60];return s>0?`${s} h ${o(i)} min`:`${i}:${o(r%60)}`}function Zn(e){return Bi.format(new Date(e))}function j({time:e}){return n("time",{dateTime:e,title:Zn(e),children:as(e,He.value)})}function an({until:e}){let t=Date.parse(e)-He.value<3e5;return n("time",{dateTime:e,title:`until ${Zn(e)}`,class:t?"soon":void 0,children:us(e,He.value)})}function fe({caption:e,rows:t,columns:r,keyOf:o}){return t.length===0?null:n("table",{children:[n("caption",{class:"off-screen",children:e}),n("thead",{children:n("tr",{children:r.map(([s])=>n("th",{scope:"col",children:s||n("span",{class:"off-screen",children:"Actions"})},s))})}),n("tbody",{children:t.map(s=>n("tr",{children:r.map(([i,a])=>n("td",{"data-column":i,children:n("div",{children:a(s)})},i))},o(s)))})]})}function ve(e){return e.toLowerCase().replaceAll("_"," ")}var qi=["USER_UPDATED","PASSWORD_CHANGED","API_KEY_CREATED","API_KEY_REVOKED","PROVIDER_CREATED","PROVIDER_UPDATED","NUMBERS_IMPORTED","NUMBER_STATUS_SET","OTP_PATTERN_CREATED","OTP_PATTERN_UPDATED","OTP_PATTERN_DELETED","SMS_SIMULATED"];function ls(){let[e,t]=h(""),r=pe(Ao,{filter:e?{action:e}:{}},({auditLog:o})=>o);return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Audit log"})}),n("div",{class:"filters",children:n("label",{class:"choice",children:[n("span",{children:"What was done"}),n("select",{value:e,onChange:o=>t(o.currentTarget.value),children:[n("option",{value:"",children:"Everything"}),qi.map(o=>n("option",{value:o,children:ve(o)},o))]})]})}),n(fe,{caption:"Audit log, newest first",rows:r.nodes,keyOf:({id:o})=>o,columns:[["When",({createdAt:o})=>n(j,{time:o})],["Who",({actor:o})=>o?.email??"the operator, or a mail"],["What",({action:o})=>ve(o)],["To what",({target:o})=>o?n("code",{children:o}):"\u2013"],["Details",({details:o})=>n("code",{class:"wrap",children:JSON.stringify(o)})]]}),n(me,{list:r,children:[n("h2",{children:"Nothing yet"}),n("p",{children:"What administrators change is listed here for a year."})]})]})}var Wi=new Intl.DisplayNames("en",{type:"region"});function Pe(e){try{return Wi.of(e)??e}catch{return e}}var Hi=/^\+(1|7|2(?:0|7)|3(?:[0-4]|6|9)|4(?:[013-9])|5(?:[1-8])|6(?:[0-6])|8(?:[1246])|9(?:[0-58])|\d{3})(\d+)$/;function F(e){let[,t,r]=Hi.exec(e)??[];if(!t||!r)return e;let o=r.slice(0,-4),s=r.length<=4?[r]:[...o.match(o.length%3===1?/^.{4}|.{1,3}/g:/.{1,3}/g)??[],r.slice(-4)];return`+${t} ${s.join(" ")}`}var Qi={RECEIVED:"in its renter's inbox",QUARANTINED:"kept, and nobody\u2019s: the number had no renter",UNROUTABLE:"the number is not ours, or not this provider\u2019s",DUPLICATE:"had arrived before",HELD:"waits for its other parts",FAILED:"could not be read or stored"};function cs(){let[e,t]=h(""),[r,o]=h(""),[s,i]=h(""),[a,u]=h(""),[l,c]=h({}),p=pe(So,{filter:l},({deliveryReports:m})=>m);return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Where is my SMS?"})}),n("form",{class:"filters",onSubmit:m=>{m.preventDefault();let d=e.replace(/[\s().-]/g,"");c({...d&&{phoneNumber:d},...r.trim()&&{providerMessageId:r.trim()},...s&&{since:new Date(s).toISOString()},...a&&{until:new Date(a).toISOString()}})},children:[n("label",{class:"choice",children:[n("span",{children:"Sent to"}),n("input",{type:"text",inputMode:"tel",placeholder:"+14155550100",value:e,onInput:m=>t(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"The provider's id"}),n("input",{type:"text",value:r,onInput:m=>o(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"From"}),n("input",{type:"datetime-local",value:s,onInput:m=>i(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"To"}),n("input",{type:"datetime-local",value:a,onInput:m=>u(m.currentTarget.value)})]}),n("button",{type:"submit",class:"button primary",children:"Look"})]}),n(fe,{caption:"Delivery reports, newest first",rows:p.nodes,keyOf:({id:m})=>m,columns:[["When",({createdAt:m})=>n(j,{time:m})],["Sent to",({phoneNumber:m})=>m?n("bdi",{children:F(m)}):"unknown"],["Provider",({provider:m})=>m?n("a",{href:`/console/providers/${m.id}`,children:m.name}):"\u2013"],["Its id",({providerMessageId:m})=>n("code",{class:"clip",children:m??"\u2013"})],["What became of it",({status:m,kind:d,errorMessage:g,retryCount:b,providerStatus:y,payload:x})=>n(v,{children:[n("span",{class:`tag ${m.toLowerCase()}`,children:ve(m)})," ",g??(d==="MESSAGE"?Qi[m]:`status callback${y?`: ${y}`:""}`),b>0&&` \xB7 repeated ${b} times`,x!==null&&n("details",{children:[n("summary",{children:"What the provider posted"}),n("pre",{tabIndex:0,children:JSON.stringify(x,null,2)})]})]})]]}),n(me,{list:p,children:[n("h2",{children:"No report"}),n("p",{children:Object.keys(l).length>0?"No verified webhook fits. Requests that could not be verified leave none: see the refusals of the provider.":"No webhook has come yet."})]})]})}var Gi={inbox:"M4 13l2.5-7.5A2 2 0 0 1 8.4 4h7.2a2 2 0 0 1 1.9 1.5L20 13v5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13h5l1.5 3h3L15 13h5",numbers:"M9 3h6a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2",console:"M4 5h16v14H4zM8 10l3 2.5L8 15M13 15h4",account:"M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",copy:"M9 9h10v11H9zM5 15V4h10",check:"M5 12.5l4.5 4.5L19 7.5",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",plus:"M12 5v14M5 12h14",bell:"M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",bellOff:"M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2h-15M10 21h4M4 4l16 16",down:"M6 9l6 6 6-6",close:"M6 6l12 12M18 6L6 18",clock:"M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",link:"M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",keyboard:"M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 14h.01M7 14h.01M10 14h4",note:"M5 4h14v11l-5 5H5zM14 20v-5h5"};function z({name:e}){return n("svg",{class:"icon",viewBox:"0 0 24 24","aria-hidden":"true",children:n("path",{d:Gi[e]})})}function K({title:e,onClose:t,children:r}){let o=je(null),s=dt();return Z(()=>{let i=o.current;return i?.showModal(),()=>i?.close()},[]),n("dialog",{ref:o,"aria-labelledby":s,onClose:t,onClick:i=>i.target===o.current&&o.current?.close(),children:n("div",{class:"dialog",children:[n("header",{children:[n("h2",{id:s,children:e}),n("button",{type:"button",class:"button quiet square","aria-label":"Close",onClick:()=>o.current?.close(),children:n(z,{name:"close"})})]}),r]})})}var ds=Ot({problem:null,fields:new Set}),ji=e=>e.replace(/^input\./,"").replace(/_([a-z])/g,(t,r)=>r.toUpperCase());function V({submit:e,onSubmit:t,children:r,aside:o,class:s="form"}){let[i,a]=h(null),[u,l]=h(!1),[c]=h(()=>new Set),p=async f=>{if(f.preventDefault(),u)return;let m=f.currentTarget,d={};for(let[g,b]of new FormData(m))typeof b=="string"&&(d[g]=b);l(!0),a(null);try{await t(d)}catch(g){let b=g.field,y=b===void 0?void 0:[...c].find(_=>_===b||_===ji(b)),x=se(g instanceof Error?g.message:String(g));a({field:y,message:y||b===void 0?x:se(`${b} ${x}`)}),y&&m.querySelector(`[name="${y}"]`)?.focus()}finally{l(!1)}};return n(ds.Provider,{value:{problem:i,fields:c},children:n("form",{class:s,onSubmit:p,noValidate:!0,children:[r,i&&!i.field&&n("p",{class:"problem",role:"alert",children:i.message}),n("div",{class:"actions",children:[n("button",{type:"submit",class:"button primary",disabled:u,children:u?"One moment\u2026":e}),o]})]})})}function k({label:e,name:t,hint:r,children:o,...s}){let{problem:i,fields:a}=Mn(ds);a.add(t);let u=dt(),l=i?.field===t?i.message:null,c=[l&&`${u}-problem`,r&&`${u}-hint`].filter(Boolean).join(" "),p={id:u,name:t,...c&&{"aria-describedby":c},...l&&{"aria-invalid":!0}};return n("div",{class:"field",children:[n("label",{for:u,children:e}),o?o(p):n("input",{type:"text",...s,...p}),l&&n("p",{class:"problem",id:`${u}-problem`,role:"alert",children:l}),r&&n("p",{class:"hint",id:`${u}-hint`,children:r})]})}function ps(e){let t=[],r=[],o=new Map;return e.replace(/^\uFEFF/,"").split(/\r\n|\r|\n/).forEach((s,i)=>{let a=i+1,[u="",l="",...c]=s.split(/[,;\t]/).map(g=>g.trim().replace(/^"(.*)"$/s,"$1").trim());if(s.trim()===""||s.trimStart().startsWith("#")||t.length+r.length===0&&/^[a-z][a-z _]*$/i.test(u))return;let p=u.replace(/[\s().-]/g,"").replace(/^00/,"+"),f=l.toUpperCase()||null,m=g=>{r.push({line:a,text:s.trim().slice(0,60),reason:g})};if(c.some(Boolean))return m("has more than a number and a country");if(!/^\+?\d+$/.test(p))return m("is not a number: write it as +14155550100, or a short code as 12345");if(p.startsWith("+")&&!/^\+[1-9]\d{6,14}$/.test(p))return m("has too few or too many digits for an international number");if(!p.startsWith("+")&&!f)return m("is a short code, which needs its country, as in 12345,US; other numbers begin with +");if(f&&!/^[A-Z]{2}$/.test(f))return m("has a country that is not two letters, such as US");let d=o.get(p);if(d!==void 0)return m(`is the same as line ${d}`);o.set(p,a),t.push({line:a,phoneNumber:p,countryCode:f})}),{lines:t,bad:r}}var zi=["AVAILABLE","ASSIGNED","EXPIRED","BLOCKED"],fs={AVAILABLE:"free",ASSIGNED:"rented",EXPIRED:"cools down",BLOCKED:"blocked"};function hs(){let[e,t]=h(""),[r,o]=h(""),s={...e&&{status:e},...r.length===2&&{countryCode:r}},i=pe(jt,{filter:s},({phoneNumbers:c})=>c),[a,u]=h(!1),l=(c,p)=>S(xo,{input:{phoneNumberId:c,status:p}}).then(i.reload,L);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Numbers"}),n("button",{type:"button",class:"button primary",onClick:()=>u(!0),children:"Import numbers"})]}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"Status"}),n("select",{value:e,onChange:c=>t(c.currentTarget.value),children:[n("option",{value:"",children:"Every status"}),zi.map(c=>n("option",{value:c,children:fs[c]},c))]})]}),n("label",{class:"choice",children:[n("span",{children:"Country"}),n("input",{type:"text",maxLength:2,placeholder:"US",value:r,onInput:c=>o(c.currentTarget.value.toUpperCase())})]}),i.totalCount!==null&&n("p",{class:"meta",children:i.totalCount===1?"1 number":`${i.totalCount} numbers`})]}),n(fe,{caption:"Numbers",rows:i.nodes,keyOf:({id:c})=>c,columns:[["Number",({phoneNumber:c})=>n("bdi",{children:F(c)})],["Country",({countryCode:c})=>Pe(c)],["Provider",({provider:c})=>c?n("a",{href:`/console/providers/${c.id}`,children:c.name}):"none"],["Status",({status:c})=>n("span",{class:`tag ${c.toLowerCase()}`,children:fs[c]})],["Renter",({renter:c})=>c?.email??"\u2013"],["",({id:c,status:p,phoneNumber:f})=>p==="BLOCKED"?n("button",{type:"button",class:"button","aria-label":`Unblock ${F(f)}`,onClick:()=>l(c,"AVAILABLE"),children:"Unblock"}):n(Yi,{number:F(f),isRented:p==="ASSIGNED",onBlock:()=>l(c,"BLOCKED")})]]}),n(me,{list:i,children:[n("h2",{children:"No numbers"}),n("p",{children:"Import those that a provider gives you, or look for others."})]}),a&&n(Ji,{onClose:()=>u(!1),onImported:i.reload})]})}function Yi({number:e,isRented:t,onBlock:r}){let[o,s]=h(!1);return n(v,{children:[n("button",{type:"button",class:"button quiet danger","aria-label":`Block ${e}`,onClick:()=>s(!0),children:"Block"}),o&&n(K,{title:`Block ${e}?`,onClose:()=>s(!1),children:[n("p",{children:["Nobody can rent it until it is unblocked.",t&&" Whoever rents it now loses it at once."]}),n("div",{class:"actions",children:n("button",{type:"button",class:"button danger",onClick:()=>{r().then(()=>s(!1))},children:"Block the number"})})]})]})}function Ji({onClose:e,onImported:t}){let{data:r}=ne(Ze,{first:100}),[o,s]=h(""),[i,a]=h(null),{lines:u,bad:l}=ps(o),c=async f=>f&&s(await f.text()),p=async({providerId:f=""})=>{if(!f)throw Object.assign(new Error("Choose one"),{field:"providerId"});if(u.length===0)throw Object.assign(new Error("There is no number to import"),{field:"numbers"});let m={added:0,known:0,bad:[...l]};for(let d=0;d<u.length;d+=1e3){let g=u.slice(d,d+1e3),b=g.map(({phoneNumber:x,countryCode:_})=>({phoneNumber:x,countryCode:_})),{importPhoneNumbers:y}=await S(wo,{input:{providerId:f,numbers:b}});if(y){m.added+=y.addedIds.length,m.known+=y.knownCount;for(let{index:x,message:_}of y.rejected){let A=g[x];A&&m.bad.push({line:A.line,text:A.phoneNumber,reason:_})}}}a(m),m.added>0&&R(m.added===1?"A number is imported.":`${m.added} numbers are imported.`),await t()};return i?n(K,{title:"Imported",onClose:e,children:[n("p",{children:[i.added," added, ",i.known," were there already, ",i.bad.length," left out."]}),n(gs,{bad:i.bad}),n("div",{class:"actions",children:n("button",{type:"button",class:"button primary",onClick:e,children:"Done"})})]}):n(K,{title:"Import numbers",onClose:e,children:n(V,{submit:u.length>0?`Import ${u.length===1?"a number":`${u.length} numbers`}`:"Import",onSubmit:p,children:[n(k,{label:"Provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Choose one"}),r?.providers?.nodes.map(({id:m,name:d,kind:g})=>n("option",{value:m,children:[d," (",ve(g),")"]},m))]})}),n(k,{label:"Numbers",name:"numbers",hint:"One a line, as +14155550100; a country may follow: 12345,US. Nothing is imported before you say so.",children:f=>n("textarea",{...f,rows:7,class:"mono",spellcheck:!1,value:o,onInput:m=>s(m.currentTarget.value)})}),n("label",{class:"button file",children:["Read a CSV file",n("input",{type:"file",accept:".csv,.txt,text/csv,text/plain",onChange:f=>{c(f.currentTarget.files?.[0])}})]}),o.trim()&&n("p",{class:"meta",role:"status",children:[u.length===1?"1 number":`${u.length} numbers`," to import, ",l.length," ",l.length===1?"line is":"lines are"," left out."]}),n(gs,{bad:l})]})})}function gs({bad:e}){return e.length===0?null:n("ul",{class:"bad-lines",tabIndex:0,"aria-label":"Lines that are left out",children:[...e].sort((t,r)=>t.line-r.line).slice(0,200).map(({line:t,text:r,reason:o})=>n("li",{children:[n("strong",{children:["Line ",t]})," ",n("code",{children:r})," ",o]},`${t} ${o}`))})}var Xi=new Intl.NumberFormat("en");function ie({value:e,label:t,to:r,isBad:o=!1}){let s=n(v,{children:[n("span",{class:o?"value bad":"value",children:Xi.format(e)}),n("span",{class:"label",children:t})]});return n("li",{class:"figure",children:r?n("a",{href:r,children:s}):s})}function un({title:e,children:t}){return n("section",{class:"card",children:[n("h2",{children:e}),n("ul",{class:"figures",children:t})]})}function bs(){let{data:e,error:t,isLoading:r,reload:o}=ne(ho,{}),s=e?.stats;return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Overview"}),n("button",{type:"button",class:"button",disabled:r,onClick:()=>{o()},children:"Refresh"})]}),t&&n("p",{class:"problem",role:"alert",children:se(t.message)}),s&&n("div",{class:"columns",children:[n(un,{title:"Numbers",children:[n(ie,{value:s.phoneNumbers.available,label:"free",to:"/console/numbers"}),n(ie,{value:s.phoneNumbers.assigned,label:"rented"}),n(ie,{value:s.phoneNumbers.expired,label:"cooling down"}),n(ie,{value:s.phoneNumbers.blocked,label:"blocked"})]}),n(un,{title:"Webhooks in 24 hours",children:[n(ie,{value:s.webhooks.received,label:"to an inbox",to:"/console/messages"}),n(ie,{value:s.webhooks.duplicate,label:"repeated"}),n(ie,{value:s.webhooks.quarantined,label:"nobody's"}),n(ie,{value:s.webhooks.unroutable,label:"unknown number",isBad:s.webhooks.unroutable>0}),n(ie,{value:s.webhooks.failed,label:"failed",isBad:s.webhooks.failed>0})]}),n(un,{title:"Users",children:[n(ie,{value:s.users.total,label:"accounts",to:"/console/users"}),n(ie,{value:s.users.active,label:"active"}),n(ie,{value:s.users.premium,label:"premium"})]}),n(un,{title:"Now",children:[n(ie,{value:s.messageCount,label:"messages kept"}),n(ie,{value:s.openConnectionCount,label:"open connections"})]})]}),!s&&r&&n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]})]})}function ys(){let e=pe(Eo,{},({otpPatterns:i})=>i),[t,r]=h(!1),o=(i,a)=>S(Ro,{input:{otpPatternId:i,isActive:a}}).then(e.reload,L),s=i=>S(Mo,{input:{otpPatternId:i}}).then(e.reload,L);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Code patterns"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a pattern"})]}),n("p",{class:"meta",children:"Codes are found by themselves. A pattern is for the sender whose codes are not."}),n(fe,{caption:"Code patterns",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Pattern",({pattern:i})=>n("code",{class:"wrap",children:i})],["For",({sender:i,provider:a})=>[i&&`sender ${i}`,a&&`provider ${a.name}`].filter(Boolean).join(", ")],["Service",({service:i})=>i??"\u2013"],["",({id:i,isActive:a,pattern:u})=>n("span",{class:"actions",children:[n("button",{type:"button",class:"button","aria-label":`${a?"Pause":"Use"} ${u}`,onClick:()=>o(i,!a),children:a?"Pause":"Use"}),n("button",{type:"button",class:"button quiet danger","aria-label":`Delete ${u}`,onClick:()=>s(i),children:"Delete"})]})]]}),n(me,{list:e,children:[n("h2",{children:"No pattern"}),n("p",{children:"None is needed, as long as the codes are found."})]}),t&&n(Zi,{onClose:()=>r(!1),onAdded:e.reload})]})}function Zi({onClose:e,onAdded:t}){let{data:r}=ne(Ze,{first:100}),[o,s]=h("code is (?<code>\\d{4,8})"),[i,a]=h(""),[u,l]=h(null);return n(K,{title:"Add a pattern",onClose:e,children:n(V,{submit:"Add",onSubmit:async({sender:f="",providerId:m="",service:d=""})=>{let g={pattern:o,...f&&{sender:f},...m&&{providerId:m},...d&&{service:d}};await S(Co,{input:g}),R("The pattern is added; messages from now on are read with it."),e(),await t()},aside:n("button",{type:"button",class:"button",onClick:async()=>{try{let{testOtpPattern:f}=await S(No,{pattern:o,text:i});l(f?`It finds ${f.code}${f.service?` of ${f.service}`:""}.`:"It finds no code.")}catch(f){l(se(f.message))}},children:"Try it"}),children:[n(k,{label:"Regular expression",name:"pattern",class:"mono",spellcheck:!1,value:o,onInput:f=>s(f.currentTarget.value),hint:n(v,{children:["It captures the code as ",n("code",{children:"(?<code>\u2026)"}),", and perhaps whose it is as ",n("code",{children:"(?<service>\u2026)"}),"."]})}),n(k,{label:"A text to try it on",name:"text",children:f=>n("textarea",{...f,rows:3,maxLength:1600,value:i,onInput:m=>a(m.currentTarget.value)})}),u&&n("p",{class:"notice",role:"status",children:u}),n("div",{class:"row",children:[n(k,{label:"Only of this sender",name:"sender"}),n(k,{label:"Only through this provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Every provider"}),r?.providers?.nodes.map(({id:m,name:d})=>n("option",{value:m,children:d},m))]})})]}),n(k,{label:"Whose codes they are",name:"service",hint:"Where the pattern does not capture it."})]})})}async function er(e){try{return await navigator.clipboard.writeText(e),!0}catch{let t=document.createElement("textarea");t.value=e,t.className="off-screen",document.body.append(t),t.select();let r=document.execCommand("copy");return t.remove(),r||R("This browser does not let pages copy; select the text instead.",{isError:!0}),r}}function ee({text:e,what:t,label:r,onCopied:o,...s}){let[i,a]=h(!1);Z(()=>{if(!i)return;let l=setTimeout(()=>a(!1),1600);return()=>clearTimeout(l)},[i]);let u=async()=>{await er(e)&&(a(!0),o?.())};return n("button",{type:"button",class:`button copy ${i?"copied":""} ${s.class??""}`,"aria-label":`Copy ${t}`,title:`Copy ${t}`,onClick:u,children:[n(z,{name:i?"check":"copy"}),r&&n("span",{children:i?"Copied":r})]})}function vs(e){let t=Object.entries(e).filter(([r,o])=>r.startsWith("setting.")&&o.trim()!=="").map(([r,o])=>[r.slice(8),ea(o.trim())]);return t.length>0?Object.fromEntries(t):null}function ea(e){if(!/^([[{].*|true|false)$/s.test(e))return e;try{return JSON.parse(e)}catch{return e}}function ta({isActive:e,health:t}){return e?t?t.hasWeakSecret?{level:"bad",text:"its secret is weak"}:t.failureCount>0?{level:"bad",text:`${t.failureCount} failures`}:t.refusalCount>0&&!t.lastMessageAt?{level:"bad",text:"every request is refused: is the secret right?"}:t.refusalCount>0?{level:"warn",text:`${t.refusalCount} refused`}:t.limitedCount>0?{level:"warn",text:`${t.limitedCount} over its limit`}:t.lastMessageAt?{level:"good",text:"well"}:{level:"off",text:"no message yet"}:{level:"warn",text:"unknown"}:{level:"off",text:"inactive"}}function tr({provider:e}){let{level:t,text:r}=ta(e);return n("span",{class:`health ${t}`,children:[n("span",{class:"dot","aria-hidden":"true"}),r]})}function _s(){let e=pe(Ze,{},({providers:o})=>o),[t,r]=h(!1);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Providers"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a provider"})]}),n(fe,{caption:"Providers",rows:e.nodes,keyOf:({id:o})=>o,columns:[["Name",({id:o,name:s})=>n("a",{href:`/console/providers/${o}`,children:s})],["Kind",({kind:o})=>ve(o)],["Health",o=>n(tr,{provider:o})],["Messages, 24 h",({health:o})=>o?.messageCount??"\u2013"],["Last message",({health:o})=>o?.lastMessageAt?n(j,{time:o.lastMessageAt}):"none"]]}),n(me,{list:e,children:[n("h2",{children:"No provider yet"}),n("p",{children:"A provider brings the messages. Add the account that you have at one, then import its numbers."})]}),t&&n(na,{onClose:()=>r(!1)})]})}function na({onClose:e}){let{data:t}=ne(yo,{}),r=[...t?.providerKinds??[]].sort((c,p)=>c.title.localeCompare(p.title)),[o,s]=h(""),[i,a]=h(null),u=r.find(c=>c.kind===o),l=async({name:c="",secret:p="",kind:f,...m})=>{if(!u)throw Object.assign(new Error("Choose one"),{field:"kind"});let d=vs(m),g={kind:u.kind,name:c,...p&&{secret:p},...d&&{configuration:d}},{createProvider:b}=await S(vo,{input:g});b&&a({provider:b.provider,secret:b.generatedSecret})};return i?n(K,{title:`${i.provider.name} is added`,onClose:()=>Ne(`/console/providers/${i.provider.id}`),children:[n(nr,{provider:i.provider}),i.secret&&n(v,{children:[n("p",{children:"Its secret, which is shown now and never again:"}),n("p",{class:"address",children:n("code",{children:i.secret})}),n(ee,{text:i.secret,what:"the secret",label:"Copy the secret"})]}),n("div",{class:"actions",children:n("a",{class:"button primary",href:`/console/providers/${i.provider.id}`,children:"Go on"})})]}):n(K,{title:"Add a provider",onClose:e,children:n(V,{submit:"Add",onSubmit:l,children:[n(k,{label:"Provider",name:"kind",children:c=>n("select",{...c,value:o,onChange:p=>s(p.currentTarget.value),children:[n("option",{value:"",children:"Choose one"}),r.map(({kind:p,title:f})=>n("option",{value:p,children:f},p))]})}),u&&n(ra,{kind:u})]})})}function ra({kind:e}){return n(v,{children:[n(k,{label:"Your own name for it",name:"name",defaultValue:e.kind.toLowerCase().replaceAll("_","-"),hint:"Its webhook address carries it: letters, digits, hyphens, underscores and dots."}),n(k,{label:"Secret",name:"secret",type:"password",autocomplete:"off",hint:e.secret}),e.settings.length>0&&n("details",{children:[n("summary",{children:["Settings (",e.settings.length,"), all optional unless they say otherwise"]}),e.settings.map(({name:t,description:r})=>n(k,{label:t,name:`setting.${t}`,hint:r},t))]})]})}function nr({provider:e}){let t=r=>new URL(r,location.origin).href;return n("dl",{class:"addresses",children:[n("div",{children:[n("dt",{children:"Webhook for messages"}),n("dd",{children:[n("code",{children:t(e.webhookPath)}),n(ee,{text:t(e.webhookPath),what:"the webhook address",class:"quiet square"})]})]}),n("div",{children:[n("dt",{children:"Status callbacks"}),n("dd",{children:[n("code",{children:t(e.statusCallbackPath)}),n(ee,{text:t(e.statusCallbackPath),what:"the status callback address",class:"quiet square"})]})]})]})}function ws({id:e}){let{data:t,error:r,reload:o}=ne(bo,{id:e}),s=t?.node&&"webhookPath"in t.node?t.node:null;if(r)return n("p",{class:"problem",role:"alert",children:se(r.message)});if(t&&!s)return n("div",{class:"empty",children:[n("h1",{children:"There is no such provider"}),n("p",{children:n("a",{href:"/console/providers",children:"All providers"})})]});if(!s)return n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]});let i=()=>S(Gt,{input:{providerId:e,isActive:!s.isActive}}).then(o,L);return n(v,{children:[n("p",{class:"crumb",children:n("a",{href:"/console/providers",children:"Providers"})}),n("div",{class:"title",children:[n("h1",{children:s.name}),n("button",{type:"button",class:"button",onClick:i,children:s.isActive?"Deactivate":"Activate"})]}),n("p",{class:"meta",children:[ve(s.kind)," \xB7 ",n(tr,{provider:s})]}),n("div",{class:"columns",children:[n("section",{class:"card",children:[n("h2",{children:"Addresses"}),n("p",{class:"meta",children:"Paste them into the provider's console."}),n(nr,{provider:s})]}),n(oa,{provider:s}),n(sa,{provider:s,onChanged:o}),n(ia,{provider:s,onChanged:o}),n(ua,{provider:s})]})]})}function oa({provider:{health:e}}){if(!e)return null;let t=[["Messages",e.messageCount],["Repeated",e.duplicateCount],["Unknown number",e.unroutableCount],["Refused",e.refusalCount],["Over the limit",e.limitedCount],["Failed",e.failureCount]];return n("section",{class:"card",children:[n("h2",{children:"Last 24 hours"}),n("ul",{class:"figures",children:t.map(([r,o])=>n("li",{class:"figure",children:[n("span",{class:"value",children:o}),n("span",{class:"label",children:r.toLowerCase()})]},r))}),n("p",{class:"meta",children:[e.lastMessageAt?n(v,{children:["Last message ",n(j,{time:e.lastMessageAt}),"."]}):"No message within 30 days.",e.lastRefusalAt&&n(v,{children:[" Last refusal ",n(j,{time:e.lastRefusalAt}),": ",e.lastRefusalReason,"."]})]}),e.hasWeakSecret&&n("p",{class:"notice",children:"Its secret can be guessed. Replace it."})]})}function sa({provider:e,onChanged:t}){let[r,o]=h(0),s=async({secret:i="",leaked:a})=>{await S(Gt,{input:{providerId:e.id,secret:i,endPreviousSecret:a!==void 0}}),R("The secret is replaced. Now tell it to the provider."),o(r+1),await t()};return n("section",{class:"card",children:[n("h2",{children:"Secret"}),n("p",{class:"meta",children:[e.secretVerifiedAt?n(v,{children:["A webhook was verified with it ",n(j,{time:e.secretVerifiedAt}),"."]}):"No webhook has been verified with it yet: send a test message from the provider.",e.secretChangedAt&&n(v,{children:[" Replaced ",n(j,{time:e.secretChangedAt}),"."]})]}),n(V,{submit:"Replace",onSubmit:s,children:[n(k,{label:"New secret",name:"secret",type:"password",autocomplete:"off",hint:"The one before stays good until a webhook has come with the new one."}),n("label",{class:"check",children:[n("input",{type:"checkbox",name:"leaked"}),"The one before has leaked: end it at once"]})]},r)]})}function ia({provider:e,onChanged:t}){return n("section",{class:"card",children:[n("h2",{children:"Settings"}),n(V,{submit:"Save",onSubmit:async({priority:o="",rateLimit:s="",configuration:i=""})=>{let a;try{a=JSON.parse(i||"{}")}catch{throw Object.assign(new Error("Must be JSON: an object"),{field:"configuration"})}await S(Gt,{input:{providerId:e.id,priority:Number(o),rateLimitPerMinute:Number(s),configuration:a}}),R("The settings are saved."),await t()},children:[n("div",{class:"row",children:[n(k,{label:"Priority",name:"priority",type:"number",min:1,max:1e3,defaultValue:String(e.priority),hint:"Numbers of the lowest are rented first."}),n(k,{label:"Webhooks a minute",name:"rateLimit",type:"number",min:1,defaultValue:String(e.rateLimitPerMinute)})]}),n(k,{label:"Configuration",name:"configuration",children:o=>n("textarea",{...o,rows:4,spellcheck:!1,class:"mono",defaultValue:JSON.stringify(e.configuration,null,2)})})]})]})}var aa={DELIVERED:"It is in the inbox of whoever rents the number.",DUPLICATE:"It had arrived before.",QUARANTINED:"It is kept, and nobody sees it: nobody rents the number.",UNROUTABLE:"The number is not this provider's."};function ua({provider:e}){let{data:t}=ne(jt,{first:100}),r=t?.phoneNumbers?.nodes.filter(a=>a.provider?.id===e.id)??[],[o,s]=h(null);return n("section",{class:"card",children:[n("h2",{children:"Test message"}),n("p",{class:"meta",children:"Received as if the provider had brought it."}),n(V,{submit:"Send it",onSubmit:async({to:a="",from:u="",text:l=""})=>{s(null);let{simulateInboundSms:c}=await S(_o,{input:{to:a,from:u,text:l}});if(c){let p=c.message?.otp?.code;s(`${aa[c.outcome]??c.outcome}${p?` Its code is ${p}.`:""}`)}},children:[n(k,{label:"To",name:"to",list:"numbers-of-provider",defaultValue:r[0]?.phoneNumber??"",hint:r.length===0&&t?"This provider has no numbers yet.":void 0},r[0]?.id??""),n("datalist",{id:"numbers-of-provider",children:r.map(({id:a,phoneNumber:u})=>n("option",{value:u},a))}),n(k,{label:"From",name:"from",defaultValue:"Example"}),n(k,{label:"Text",name:"text",defaultValue:"Your Example code is 482913."})]}),o&&n("p",{class:"notice",role:"status",children:o})]})}function xs(){let[e,t]=h(""),r=la(e.trim()),s=pe(ko,{filter:r?{emailContains:r}:{}},({users:a})=>a),i=async(a,u)=>{try{await S(Po,{input:a}),R(`${u} is changed.`)}catch(l){L(l)}await s.reload()};return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Users"})}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"E-mail"}),n("input",{type:"search",placeholder:"Part of an address",value:e,onInput:a=>t(a.currentTarget.value)})]}),s.totalCount!==null&&n("p",{class:"meta",children:s.totalCount===1?"1 user":`${s.totalCount} users`})]}),n(fe,{caption:"Users",rows:s.nodes,keyOf:({id:a})=>a,columns:[["E-mail",({email:a,firstName:u,lastName:l,emailVerified:c})=>n(v,{children:[n("strong",{children:a}),n("p",{class:"meta",children:[[u,l].filter(Boolean).join(" "),!c&&" \xB7 not verified"]})]})],["Plan",({id:a,email:u,plan:l})=>n("select",{"aria-label":`Plan of ${u}`,value:l,onChange:c=>{i({userId:a,plan:c.currentTarget.value},u)},children:[n("option",{value:"FREE",children:"free"}),n("option",{value:"PREMIUM",children:"premium"})]})],["Role",({id:a,email:u,role:l})=>n("select",{"aria-label":`Role of ${u}`,value:l,disabled:a===G.value?.id,onChange:c=>{i({userId:a,role:c.currentTarget.value},u)},children:[n("option",{value:"USER",children:"user"}),n("option",{value:"ADMIN",children:"administrator"})]})],["Last sign-in",({lastLogin:a})=>a?n(j,{time:a}):"never"],["",({id:a,email:u,isActive:l})=>a===G.value?.id?n("span",{class:"tag",children:"you"}):n("button",{type:"button",class:l?"button quiet danger":"button","aria-label":`${l?"Deactivate":"Activate"} ${u}`,onClick:()=>{i({userId:a,isActive:!l},u)},children:l?"Deactivate":"Activate"})]]}),n(me,{list:s,children:[n("h2",{children:"Nobody"}),n("p",{children:"No address has that in it."})]})]})}function la(e){let[t,r]=h(e);return Z(()=>{let o=setTimeout(()=>r(e),250);return()=>clearTimeout(o)},[e]),t}var Ss=[["/console","Overview",bs],["/console/providers","Providers",_s],["/console/numbers","Numbers",hs],["/console/messages","Where is my SMS?",cs],["/console/users","Users",xs],["/console/patterns","Code patterns",ys],["/console/audit","Audit log",ls]];function ca(e){let t=e?.querySelector("[aria-current]");e&&t&&(e.scrollLeft=t.offsetLeft-e.offsetLeft-24)}function ks(){if(G.value?.role!=="ADMIN")return n("div",{class:"empty",children:[n("h1",{children:"This is for administrators"}),n("p",{children:["Your account is not one. ",n("a",{href:"/",children:"Back to the inbox"})]})]});let e=ke.value,t=e.startsWith("/console/providers/")?rs.value[2]:void 0,r=Ss.find(([o])=>o===e)?.[2];return n("div",{class:"console",children:[n("nav",{"aria-label":"Console",ref:ca,children:Ss.map(([o,s])=>n("a",{href:o,"aria-current":e===o||o!=="/console"&&e.startsWith(`${o}/`)?"page":void 0,children:s},o))}),n("div",{class:"page",children:t?n(ws,{id:t},t):r&&n(r,{})})]})}var ln=/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u,da=/\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;function As(e){let t=[],r=0;for(let o of e.matchAll(da)){let s=o[0].replace(/[.,;:!?)\]]+$/u,""),i=pa(s);!i||ln.test(s)||(t.push(...Ps(e.slice(r,o.index)),{kind:"link",text:s,url:i}),r=o.index+s.length)}return t.push(...Ps(e.slice(r))),t}function pa(e){try{let t=new URL(e);return t.protocol==="https:"||t.protocol==="http:"?t:null}catch{return null}}function Ps(e){return e.split(new RegExp(`(${ln.source})`,"u")).filter(Boolean).map(r=>ln.test(r)?{kind:"hidden",name:ma(r)}:{kind:"text",text:r})}function ma(e){return`U+${(e.codePointAt(0)??0).toString(16).toUpperCase().padStart(4,"0")}`}function Ce(e){return e.replace(new RegExp(ln.source,"gu"),"").replace(/\s+/gu," ").trim()}var Es="otpwire-announce",nt=D(localStorage.getItem(Es)==="yes"),rr=D("");async function Ns(e){return nt.value=e,localStorage.setItem(Es,e?"yes":"no"),e?(Is(),!("Notification"in globalThis)||!isSecureContext?"Sound is on. Notifications need https.":await Notification.requestPermission()==="granted"?null:"Sound is on. This browser does not allow notifications for this page."):null}var Cs=new BroadcastChannel("otpwire-announced"),Rs="";Cs.onmessage=({data:e})=>Rs=e;function Ms(){let e=document.title;de(()=>{document.title=We.value>0?`(${We.value}) ${e}`:e}),de(()=>{let t=en.value[0];t&&(rr.value=fa(t,en.value.length),!(!nt.value||Rs===t.id)&&(Cs.postMessage(t.id),Is(),document.hidden&&"Notification"in globalThis&&Notification.permission==="granted"&&ga(t)))})}function fa(e,t){if(t>1)return`${t} new messages`;let r=Ce(e.otp?.service??e.senderNumber);return e.otp?`New code of ${r}: ${[...e.otp.code].join(" ")}`:`New message of ${r}`}function ga({id:e,otp:t,senderNumber:r,messageContent:o}){let s=t?`${t.code} \xB7 ${Ce(t.service??r)}`:Ce(r),i=new Notification(s,{body:Ce(o).slice(0,120),tag:e,icon:"/assets/icon.svg"});i.onclick=()=>{focus(),i.close()}}function Is(){try{let e=new AudioContext;[660,880].forEach((t,r)=>{let[o,s]=[e.createOscillator(),e.createGain()],i=e.currentTime+r*.12;o.frequency.value=t,s.gain.setValueAtTime(1e-4,i),s.gain.exponentialRampToValueAtTime(.12,i+.02),s.gain.exponentialRampToValueAtTime(1e-4,i+.25),o.connect(s).connect(e.destination),o.start(i),o.stop(i+.3)}),setTimeout(()=>{e.close()},1e3)}catch{}}function Ds(){let e=G.value;return e?n("div",{class:"page columns",children:[n("div",{class:"title",children:[n("h1",{children:"Account"}),n("button",{type:"button",class:"button",onClick:()=>{Un().catch(L)},children:"Sign out"})]}),n(ha,{user:e}),n(ba,{user:e}),n(ya,{}),n(_a,{})]}):null}function ha({user:e}){let t=async({firstName:o="",lastName:s=""})=>{await S(uo,{input:{firstName:o,lastName:s}}),await on(),R("Your name is saved.")},r=()=>S(Qt,{input:{email:e.email}}).then(()=>R("A mail is on its way."),L);return n("section",{class:"card",children:[n("h2",{children:"Profile"}),n("p",{class:"meta",children:[e.email," \xB7 ",e.plan==="PREMIUM"?"premium":"free"," plan",e.role==="ADMIN"&&" \xB7 administrator"]}),!e.emailVerified&&n("p",{class:"notice",children:["Your address is not verified yet. ",n("button",{type:"button",class:"button",onClick:r,children:"Send the mail again"})]}),n(V,{submit:"Save",onSubmit:t,children:n("div",{class:"row",children:[n(k,{label:"First name",name:"firstName",autocomplete:"given-name",defaultValue:e.firstName??""}),n(k,{label:"Last name",name:"lastName",autocomplete:"family-name",defaultValue:e.lastName??""})]})})]})}function ba({user:e}){let[t,r]=h(0);return n("section",{class:"card",children:[n("h2",{children:"Password"}),n(V,{submit:"Change the password",onSubmit:async({currentPassword:s="",newPassword:i=""})=>{await Jr(s,i),R("The password is changed. Every other session has ended."),r(t+1)},children:[n("input",{type:"hidden",name:"username",autocomplete:"username",value:e.email}),n(k,{label:"Current password",name:"currentPassword",type:"password",autocomplete:"current-password"}),n(k,{label:"New password",name:"newPassword",type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."})]},t)]})}function ya(){let{data:e,reload:t}=ne(lo,{}),r=s=>S(co,{input:{sessionId:s}}).then(t,L);return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Sessions"}),n("button",{type:"button",class:"button danger",onClick:async()=>{try{await S(po),await Un()}catch(s){L(s)}},children:"Sign out everywhere"})]}),n("ul",{class:"rows",children:e?.sessions?.map(({id:s,isCurrent:i,userAgent:a,ipAddress:u,lastUsedAt:l})=>n("li",{children:[n("div",{children:[n("strong",{children:va(a)}),i&&n("span",{class:"tag",children:"this one"}),n("p",{class:"meta",children:[u??"an unknown address"," \xB7 ",n(j,{time:l})]})]}),!i&&n("button",{type:"button",class:"button quiet danger",onClick:()=>r(s),children:"End"})]},s))})]})}function va(e){if(!e)return"Unknown program";let t=/(Edg|OPR|Firefox|Chrome|Safari|curl|otpwire)[/ ]/.exec(e)?.[1],r=/(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(e)?.[1];return t?[{Edg:"Edge",OPR:"Opera"}[t]??t,r&&`on ${r==="Mac OS X"?"macOS":r}`].filter(Boolean).join(" "):e.slice(0,40)}var Ts=[["READ_MESSAGES","Read messages"],["RENT_NUMBERS","Rent numbers"]];function _a(){let{data:e,reload:t}=ne(mo,{}),[r,o]=h(null),[s,i]=h(!1),a=l=>S(go,{input:{apiKeyId:l}}).then(t,L),u=async({name:l="",days:c="",...p})=>{let f=Ts.map(([d])=>d).filter(d=>d in p),{createApiKey:m}=await S(fo,{input:{name:l,scopes:f,expiresInDays:c?Number(c):null}});i(!1),o(m?.key??null),t()};return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Keys for programs"}),n("button",{type:"button",class:"button",onClick:()=>i(!0),children:"Make one"})]}),e?.apiKeys?.length===0&&n("p",{class:"meta",children:"With a key, a test pipeline rents numbers and waits for codes, and your password stays yours."}),n("ul",{class:"rows",children:e?.apiKeys?.map(({id:l,name:c,prefix:p,lastUsedAt:f,expiresAt:m})=>n("li",{children:[n("div",{children:[n("strong",{children:c}),n("p",{class:"meta",children:[n("code",{children:[p,"\u2026"]})," \xB7 ",f?n(v,{children:["used ",n(j,{time:f})]}):"never used",m&&n(v,{children:[" \xB7 ends ",m.slice(0,10)]})]})]}),n("button",{type:"button",class:"button quiet danger",onClick:()=>a(l),children:"Revoke"})]},l))}),s&&n(K,{title:"A key for a program",onClose:()=>i(!1),children:n(V,{submit:"Make the key",onSubmit:u,children:[n(k,{label:"Name",name:"name",placeholder:"CI"}),n("fieldset",{class:"checks",children:[n("legend",{children:"It may"}),Ts.map(([l,c])=>n("label",{children:[n("input",{type:"checkbox",name:l,defaultChecked:!0}),c]},l))]}),n(k,{label:"Ends after days",name:"days",type:"number",min:1,max:365,hint:"1 to 365. Empty: it does not end."})]})}),r&&n(K,{title:"Your new key",onClose:()=>o(null),children:[n("p",{children:"It is shown now and never again."}),n("p",{class:"address",children:n("code",{children:r})}),n("div",{class:"actions",children:n(ee,{text:r,what:"the key",class:"primary",label:"Copy the key"})})]})]})}function Le({title:e,lead:t,children:r}){return n("section",{class:"card narrow",children:[n("h1",{children:e}),t&&n("p",{class:"lead",children:t}),r]})}var cn={label:"E-mail",name:"email",type:"email",autocomplete:"username",inputMode:"email"},Os={type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."};function Ls(){return n(Le,{title:"Sign in",lead:"Numbers for a while, and the codes that arrive on them, as they arrive.",children:[n(V,{submit:"Sign in",onSubmit:({email:e="",password:t=""})=>yt({email:e,password:t}),children:[n(k,{...cn}),n(k,{label:"Password",name:"password",type:"password",autocomplete:"current-password"})]}),n("p",{class:"fine",children:[n("a",{href:"/forgot-password",children:"Forgot your password?"})," \xB7 ",n("a",{href:"/register",children:"Make an account"})]})]})}function $s(){return n(Le,{title:"Make an account",children:[n(V,{submit:"Make the account",onSubmit:async({email:t="",password:r="",firstName:o,lastName:s})=>{await S(oo,{input:{email:t,password:r,firstName:o||null,lastName:s||null}}),await yt({email:t,password:r}),R(`Welcome. A mail to ${t} verifies your address.`)},children:[n(k,{...cn}),n(k,{label:"Password",name:"password",...Os}),n("div",{class:"row",children:[n(k,{label:"First name",name:"firstName",autocomplete:"given-name"}),n(k,{label:"Last name",name:"lastName",autocomplete:"family-name"})]})]}),n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})]})}function Vs(){let[e]=h(()=>Pt("token")),[t,r]=h("working");Z(()=>{e&&S(so,{input:{token:e}}).then(()=>r("done"),s=>r(se(`The link ${s.message}`)))},[]);let o=async({email:s=""})=>{await S(Qt,{input:{email:s}}),R("If there is an account with this address that is not verified, a mail is on its way.")};return e&&t==="working"?n(Le,{title:"One moment\u2026",children:n("p",{children:"Your address is being verified."})}):e&&t==="done"?n(Le,{title:"Your address is verified",lead:"Sessions from before have ended, so sign in again.",children:n("p",{children:n("a",{class:"button primary",href:"/sign-in",children:"Sign in"})})}):n(Le,{title:"Verify your address",lead:e?t:"The link in the mail does it. Without the mail, have it sent again.",children:n(V,{submit:"Send the mail again",onSubmit:o,children:n(k,{...cn})})})}function Us(){let[e,t]=h(!1),r=async({email:o=""})=>{await S(io,{input:{email:o}}),t(!0)};return e?n(Le,{title:"Look into your mail",lead:"If there is an account with this address, a mail with a link is on its way. The link is good for an hour.",children:n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})}):n(Le,{title:"A new password",lead:"A mail brings you a link with which you can set one.",children:[n(V,{submit:"Send the mail",onSubmit:r,children:n(k,{...cn})}),n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})]})}function Fs(){let[e]=h(()=>Pt("token")??"");return n(Le,{title:"Set a new password",lead:"Every session and API key of the account ends.",children:n(V,{submit:"Set the password",onSubmit:async({password:r=""})=>{try{await S(ao,{input:{token:e,password:r}})}catch(o){throw o instanceof oe&&o.field==="token"?new oe(o.code,`The link ${o.message}`):o}R("The password is set. Sign in with it."),Ne("/sign-in")},children:n(k,{label:"New password",name:"password",...Os})})})}var Ks=[["j","k","the next and the previous message"],["c","","copy the code"],["o","Enter","show the whole text"],["r","","mark as read"],["#","Delete","delete"],["n","","rent a number"],["/","","search"],["?","","show the keys"]],wa={j:"next",ArrowDown:"next",k:"previous",ArrowUp:"previous",c:"copy",o:"open",Enter:"open",r:"read","#":"delete",Delete:"delete",n:"rent","/":"search","?":"help"};function Bs(e){Z(()=>{let t=r=>{let o=r.target instanceof Element?r.target:null,s=r.defaultPrevented||r.ctrlKey||r.metaKey||r.altKey||o?.closest("input, select, textarea, dialog")||r.key==="Enter"&&o?.closest("a, button"),i=wa[r.key];i&&!s&&e(i)&&r.preventDefault()};return document.addEventListener("keydown",t),()=>document.removeEventListener("keydown",t)})}var qs=Object.assign;function Sa(e,t){for(var r in e)if(r!="__source"&&e[r]!==t[r])return!0;for(var o in t)if(o!="__source"&&!(o in e))return!0;return!1}var ka=/^(-|f[lo].*[^se]$|g.{5,}[^ps]$|z|o[pr]|(W.{5})?[lL]i.*(t|mp)$|an|(bo|s).{4}Im|sca|m.{6}[ds]|ta|c.*[st]$|wido|ini|asp|fill|st)/;function Qs(e,t){function r(s){var i=this.props.ref;return i!=s.ref&&i&&(typeof i=="function"?i(null):i.current=null),t?!t(this.props,s)||i!=s.ref:Sa(this.props,s)}function o(s){return this.shouldComponentUpdate=r,it(e,s)}return o.displayName="Memo("+(e.displayName||e.name)+")",o.prototype.isReactComponent=!0,o.type=e,o}var Pa=Symbol.for("react.element"),Aa=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(?!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,Ea=/[A-Z0-9]/g,Na=typeof document<"u";var Ca=function(e){return/fil|che|rad/.test(e)};we.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(we.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var Ws=E.event;E.event=function(e){return Ws&&(e=Ws(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var Ra={configurable:!0,get:function(){return this.class}},Hs=E.vnode;E.vnode=function(e){if(typeof e.type=="string")(function(o){var s=o.props,i=o.type,a={},u=i.indexOf("-")==-1;for(var l in s){var c=s[l];if(!(l=="value"&&"defaultValue"in s&&c==null||Na&&l=="children"&&i=="noscript"||l=="class"||l=="className")){if(l=="style"&&c&&c.constructor==Object){var p=void 0;for(var f in c)typeof c[f]!="number"||ka.test(f)||(p||(p=c=qs({},c)),c[f]+="px")}else if(l=="defaultValue"&&"value"in s&&s.value==null)l="value";else if(l=="download"&&c===!0)c="";else if(l=="translate"&&c==="no")c=!1;else if(l[0]=="o"&&l[1]=="n"){var m=l.toLowerCase();m=="ondoubleclick"?l="ondblclick":m!="onchange"||i!="input"&&i!="textarea"||Ca(s.type)?m=="onfocus"?l="onfocusin":m=="onblur"&&(l="onfocusout"):m=l="oninput",m=="oninput"&&a[l=m]&&(l="oninputCapture")}else u&&Aa.test(l)?l=l.replace(Ea,"-$&").toLowerCase():c===null&&(c=void 0);a[l]=c}}if(i=="select"){var d=a.defaultValue!=null?a.defaultValue:a.multiple&&Array.isArray(a.value)?a.value:null;d!=null&&(a.value=xn(s.children).forEach(function(g){g.props.selected=a.multiple?d.indexOf(g.props.value)!=-1:d==g.props.value}))}s.class&&!s.className?(a.class=s.class,Object.defineProperty(a,"className",Ra)):s.className&&(a.class=a.className=s.className),o.props=a})(e);else if(typeof e.type=="function"&&("ref"in e.props&&"prototype"in e.type&&e.type.prototype.render&&(e.ref=e.props.ref,delete e.props.ref),e.type.defaultProps)){var t=qs({},e.props);for(var r in e.type.defaultProps)t[r]===void 0&&(t[r]=e.type.defaultProps[r]);e.props=t}e.ref&&!("ref"in e.props)&&Object.defineProperty(e.props,"ref",{value:e.ref,configurable:!0,writable:!0}),e.$$typeof=Pa,Hs&&Hs(e)};function Gs({text:e}){let[t,r]=h(null);return n(v,{children:[n("p",{class:"text",dir:"auto",children:As(e).map(o=>{switch(o.kind){case"text":return o.text;case"hidden":return n("span",{class:"hidden-character",title:"A character that nobody sees",children:o.name});case"link":return n("button",{type:"button",class:"link",onClick:()=>r(o.url),children:o.text})}})}),t&&n(Ma,{url:t,onClose:()=>r(null)})]})}function Ma({url:e,onClose:t}){return n(K,{title:"Open this address?",onClose:t,children:[n("p",{children:["A stranger sent it. It leads to ",n("strong",{children:n("bdi",{children:e.host})}),":"]}),n("p",{class:"address",children:n("bdi",{children:e.href})}),n("div",{class:"actions",children:[n("a",{class:"button primary",href:e.href,target:"_blank",rel:"noopener noreferrer",onClick:t,children:"Open in a new tab"}),n(ee,{text:e.href,what:"the address",label:"Copy"})]})]})}var js=Qs(({message:e,isOpen:t,onToggle:r})=>{let{otp:o,senderNumber:s,phoneNumber:i,isRead:a,messageType:u}=e,l=Ce(o?.service??s)||"Unknown sender";return n("li",{class:`message ${a?"is-read":"unread"} ${t?"open":""}`,"data-id":e.id,children:n("article",{"aria-label":`${a?"":"Unread: "}${l}${o?`, code ${o.code}`:""}`,tabIndex:-1,children:[n("span",{class:`avatar hue-${Da(l)}`,"aria-hidden":"true",children:[...l][0]?.toUpperCase()}),n("div",{class:"who",children:[n("h2",{children:[n("bdi",{children:l}),!a&&n("span",{class:"unread-dot",title:"Unread"})]}),n("p",{class:"meta",children:[o?.service&&o.service.toLowerCase()!==s.toLowerCase()&&n(v,{children:[n("bdi",{children:Ce(F(s))})," \xB7 "]}),"to ",n("bdi",{children:F(i)})," \xB7 ",n(j,{time:e.receivedAt})]})]}),o?n(Ia,{code:o.code,name:l,message:e}):u==="VERIFICATION"&&n("span",{class:"tag",children:"Confirmation"}),n("button",{type:"button",class:"preview","aria-expanded":t,onClick:()=>r(e),children:[n("span",{class:"off-screen",children:[t?"Hide":"Show"," the whole text of ",l,": "]}),n("span",{class:"preview-text",dir:"auto",children:t?"Hide the text":Ce(e.messageContent)}),n(z,{name:"down"})]}),t&&n(Ta,{message:e})]})})});function Ia({code:e,name:t,message:r}){let o=/^\d{6,9}$/.test(e)?e.match(e.length%3===0?/.{3}/g:/.{1,4}/g)??[e]:[e];return n("div",{class:"code-line",children:[n("span",{class:"code",children:o.map((s,i)=>n("span",{children:s},i))}),n(ee,{text:e,what:`the code of ${t}`,class:"strong",label:"Copy",onCopied:()=>{tt(r).catch(L)}})]})}function Ta({message:e}){let[t,r]=h(!1),o=()=>rn(e).then(()=>R("The message is deleted."),L);return n("div",{class:"details",children:[n(Gs,{text:e.messageContent}),e.media.length>0&&n("p",{class:"meta",children:[e.media.length===1?"A file came with it":`${e.media.length} files came with it`,"; it stays at the provider."]}),n("div",{class:"actions",children:[n(ee,{text:e.messageContent,what:"the text",label:"Copy the text"}),t?n(v,{children:[n("button",{type:"button",class:"button danger",onClick:o,children:"Delete for good"}),n("button",{type:"button",class:"button quiet",onClick:()=>r(!1),children:"Keep"})]}):n("button",{type:"button",class:"button quiet danger",onClick:()=>r(!0),children:[n(z,{name:"trash"}),"Delete"]})]})]})}function Da(e){let t=0;for(let r of e.toLowerCase())t=(t*31+(r.codePointAt(0)??0))%997;return t%8}var sr="otpwire-notes";function ir(){try{return JSON.parse(localStorage.getItem(sr)??"{}")}catch{return{}}}var dn=D(ir());addEventListener("storage",({key:e})=>{e===sr&&(dn.value=ir())});var or=({id:e,assignedAt:t})=>`${e}@${t}`;function pn(e){return dn.value[or(e)]??""}function zs(e,t){let{[or(e)]:r,...o}=ir(),s=t.trim().slice(0,80);dn.value=s?{...o,[or(e)]:s}:o,localStorage.setItem(sr,JSON.stringify(dn.value))}var Oa=[["","Every type"],["OTP","Codes"],["VERIFICATION","Confirmations"],["SMS","Others"]];function rt(e){Q.value={...Q.value,...e}}function Ys(){let[e,t]=h(!1),{text:r,phoneNumberId:o,service:s,sender:i,type:a,unread:u}=Q.value,{services:l,senders:c}=Qo(N.value?.messages??[]),p=new Map(N.value?.messages.map(m=>[m.phoneNumberId,m.phoneNumber]));for(let m of ye.value??[])p.set(m.id,m.phoneNumber);let f=[o,s,i,a].filter(Boolean).length;return n("search",{class:"search",children:[n("label",{class:"search-text",children:[n(z,{name:"search"}),n("span",{class:"off-screen",children:"Search the messages"}),n("input",{id:"search",type:"search",placeholder:"Search",value:r,onInput:m=>rt({text:m.currentTarget.value})}),n("kbd",{"aria-hidden":"true",children:"/"})]}),n("div",{class:"toggles",children:[n("button",{type:"button",class:"button","aria-pressed":u,onClick:()=>rt({unread:!u}),children:"Unread"}),n("button",{type:"button",class:"button","aria-expanded":e,onClick:()=>t(!e),children:["Filters",f>0&&n("span",{class:"badge",children:f})]}),et(Q.value)&&n("button",{type:"button",class:"button quiet",onClick:()=>Q.value=Se,children:"Clear"})]}),e&&n("div",{class:"filters",children:[n(mn,{label:"Number",value:o,options:[["","Every number"],...[...p].map(([m,d])=>[m,F(d)])],onChange:m=>rt({phoneNumberId:m})}),n(mn,{label:"Service",value:s,options:[["","Every service"],...l.map(m=>[m,m])],onChange:m=>rt({service:m})}),n(mn,{label:"Sender",value:i,options:[["","Every sender"],...c.map(m=>[m,m])],onChange:m=>rt({sender:m})}),n(mn,{label:"Type",value:a,options:Oa,onChange:m=>rt({type:m})})]})]})}function mn({label:e,value:t,options:r,onChange:o}){return n("label",{class:"choice",children:[n("span",{children:e}),n("select",{value:t,onChange:s=>o(s.currentTarget.value),children:r.map(([s,i])=>n("option",{value:s,children:i},s))})]})}var La=24*36e5;function Js(){let e=ye.value;return n("div",{class:"page",children:[n("div",{class:"title",children:n("h1",{children:"Numbers"})}),e?.length?n("ul",{class:"grid",children:e.map(t=>n($a,{number:t},t.id))}):e&&n("div",{class:"empty",children:[n("h2",{children:"You rent no number yet"}),n("p",{children:"Choose a country below. The number is yours for as long as you say, and codes that are sent to it appear in the inbox."})]}),n("h2",{children:"Rent a number"}),n(ei,{})]})}function $a({number:e}){let[t,r]=h(!1),[o,s]=h(!1),i=F(e.phoneNumber),a=tn.value.get(e.id)??0,u=N.value?.messages.filter(({phoneNumberId:c})=>c===e.id).length??0,l=()=>{Q.value={...Se,phoneNumberId:e.id},Ne("/")};return n("li",{class:"card number",children:[n("div",{class:"line",children:[n("h2",{children:n("bdi",{children:i})}),n(ee,{text:e.phoneNumber,what:`the number ${i}`,class:"quiet square"})]}),n("p",{class:"meta",children:[Pe(e.countryCode),e.expiresAt&&n(v,{children:[" \xB7 ",n(z,{name:"clock"})," ",n(an,{until:e.expiresAt})," left"]})]}),n("label",{class:"note",children:[n(z,{name:"note"}),n("span",{class:"off-screen",children:["Note on ",i]}),n("input",{type:"text",maxLength:80,placeholder:"A note of your own",value:pn(e),onChange:c=>zs(e,c.currentTarget.value)})]}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button",onClick:l,children:[u===1?"1 message":`${u} messages`,a>0&&n("span",{class:"badge",children:a})]}),n("button",{type:"button",class:"button",onClick:()=>r(!0),disabled:Xs(e)<1,children:"Extend"}),n("button",{type:"button",class:"button quiet danger",onClick:()=>s(!0),children:"Release"})]}),t&&n(Va,{number:e,onClose:()=>r(!1)}),o&&n(Ua,{number:e,onClose:()=>s(!1)})]})}function Xs({assignedAt:e,expiresAt:t}){return!e||!t?0:Math.floor((Date.parse(e)+La-Date.parse(t))/36e5)}var ar=e=>e===1?"1 hour":`${e} hours`;function Zs({most:e,name:t="hours",initial:r=1}){let[o,s]=h(Math.min(r,e));return n(k,{label:"For how long",name:t,children:i=>n("span",{class:"range",children:[n("input",{...i,type:"range",min:1,max:e,value:o,"aria-valuetext":ar(o),onInput:a=>s(a.currentTarget.valueAsNumber)}),n("output",{children:ar(o)})]})})}function Va({number:e,onClose:t}){let[r]=h(fn),o=async({hours:s="1"})=>{let i={phoneNumberId:e.id,durationHours:Number(s),idempotencyKey:r},{extendPhoneNumber:a}=await S(Uo,{input:i});a&&kt(a.phoneNumber),R(`${F(e.phoneNumber)} is yours for longer.`),t()};return n(K,{title:`Extend ${F(e.phoneNumber)}`,onClose:t,children:n(V,{submit:"Extend",onSubmit:o,children:[n(Zs,{most:Xs(e)}),n("p",{class:"hint",children:"A rental may last 24 hours in all."})]})})}function Ua({number:e,onClose:t}){let r=async()=>{let{releasePhoneNumber:o}=await S(Fo,{input:{phoneNumberId:e.id}});o&&kt(o.phoneNumber),R(`${F(e.phoneNumber)} is given back.`),t()};return n(K,{title:`Release ${F(e.phoneNumber)}?`,onClose:t,children:[n("p",{children:"Codes that are sent to it from now on do not reach you. The messages that it has received stay in your inbox."}),n(V,{submit:"Release the number",onSubmit:r,children:null})]})}function ei({onRented:e}){let[t,r]=h(fn),o=[...jn.value].sort((l,c)=>Pe(l.code).localeCompare(Pe(c.code))),s=o.find(({availableCount:l})=>l>0)?.code,[i,a]=h(null),u=async({hours:l="1"})=>{let c=i??s;if(!c)throw new Error("No number is free now");try{let{assignPhoneNumber:p}=await S(Vo,{input:{countryCode:c,durationHours:Number(l),idempotencyKey:t}});if(r(fn()),!p)return;kt(p.phoneNumber),Zt().catch(()=>{}),R(`${F(p.phoneNumber.phoneNumber)} is yours for ${ar(Number(l))}.`),e?.()}catch(p){throw p instanceof oe&&p.code!=="OFFLINE"&&r(fn()),p instanceof oe?Fa(p,c):p}};return o.length===0?n("div",{class:"empty",children:[n("h2",{children:"There are no numbers to rent"}),n("p",{children:"The operator of this server has to add some first."})]}):n(V,{submit:"Rent a number",onSubmit:u,class:"form rent",children:[n("fieldset",{class:"countries",children:[n("legend",{children:"Country"}),n("div",{class:"choices",children:o.map(({code:l,availableCount:c})=>n("label",{class:c===0?"none":void 0,children:[n("input",{type:"radio",name:"country",value:l,checked:l===(i??s),disabled:c===0,onChange:()=>a(l)}),n("span",{class:"code","aria-hidden":"true",children:l}),n("span",{class:"name",children:Pe(l)}),n("span",{class:"count",children:c===0?"none free":`${c} free`})]},l))})]}),n(Zs,{most:24})]})}function Fa(e,t){switch(e.code){case"NO_NUMBER_AVAILABLE":{let r=e.details.availableAt,o=typeof r=="string"?Math.max(1,Math.ceil((Date.parse(r)-He.value)/6e4)):null,s=o===null?"":` One becomes free in ${o===1?"a minute":`${o} minutes`}.`;return new Error(`Every number of ${Pe(t)} is taken now.${s}`)}case"EMAIL_NOT_VERIFIED":return new Error("Verify your e-mail address first, with the link in the mail. Your account page sends it again.");default:return e}}function fn(){return Array.from(crypto.getRandomValues(new Uint8Array(16)),e=>e.toString(16).padStart(2,"0")).join("")}function ti({onClose:e}){return n(K,{title:"Rent a number",onClose:e,children:n(ei,{onRented:e})})}var ur=100;function lr(){let[e,t]=h(null),[r,o]=h(null),[s,i]=h(new Set),[a,u]=h(ur),l=St.value.slice(0,a),c=St.value.length>a||(N.value?.older??null)!==null,p=l.find(({id:b})=>b===r),f=ct(b=>{i(y=>{let x=new Set(y);return x.delete(b.id)||x.add(b.id),x}),tt(b).catch(L)},[]),m=()=>{u(a+ur),St.value.length<a+ur&&Jn().catch(L)},d=b=>{o(y=>{let x=l.findIndex(({id:_})=>_===y);return l[Math.max(0,Math.min(l.length-1,x+b))]?.id??y})},g=async({otp:b,...y})=>{!b||!await er(b.code)||(R(`${b.code} is copied.`),await tt({otp:b,...y}))};return Bs(b=>{switch(b){case"next":return d(1),!0;case"previous":return d(-1),!0;case"rent":return t("rent"),!0;case"help":return t("keys"),!0;case"search":return document.getElementById("search")?.focus(),!0}let y=p??l[0];if(!y)return!1;switch(o(y.id),b){case"copy":return g(y).catch(L),!0;case"open":return f(y),!0;case"read":return tt(y).catch(L),!0;case"delete":return t("delete"),!0}}),Z(()=>{if(!r)return;let b=document.querySelector(`[data-id="${CSS.escape(r)}"] > article`);b?.focus({preventScroll:!0}),b?.scrollIntoView({block:"nearest"})},[r]),n("div",{class:"inbox",children:[n("aside",{"aria-label":"Your numbers",children:n(Ka,{onRent:()=>t("rent")})}),n("section",{"aria-label":"Messages",children:[n("div",{class:"title",children:[n("h1",{children:"Inbox"}),n("div",{class:"tools",children:[We.value>0&&n("button",{type:"button",class:"button quiet",onClick:()=>{es().catch(L)},children:"Mark all read"}),n(qa,{}),n("button",{type:"button",class:"button quiet square keys","aria-label":"Keys",title:"Keys",onClick:()=>t("keys"),children:n(z,{name:"keyboard"})})]})]}),n(Ys,{}),xt.value&&n("p",{class:"notice",role:"alert",children:["Messages came while this page was away, and have expired since. What is kept is below.",n("button",{type:"button",class:"button quiet",onClick:()=>xt.value=!1,children:"All right"})]}),n("p",{class:"off-screen","aria-live":"polite",children:rr.value}),l.length>0?n("ol",{class:"messages",children:l.map(b=>n(js,{message:b,isOpen:s.has(b.id),onToggle:f},b.id))}):n(Wa,{onRent:()=>t("rent")}),l.length>0&&c&&n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:qe.value,onClick:m,children:qe.value?"One moment\u2026":"Show older ones"})})]}),e==="rent"&&n(ti,{onClose:()=>t(null)}),e==="keys"&&n(Ha,{onClose:()=>t(null)}),e==="delete"&&p&&n(Qa,{message:p,onClose:()=>t(null)})]})}function Ka({onRent:e}){let t=Q.value.phoneNumberId;return n(v,{children:[n("div",{class:"title",children:[n("h2",{children:"Your numbers"}),n("button",{type:"button",class:"button",onClick:e,children:[n(z,{name:"plus"}),"Rent"]})]}),n("ul",{class:"number-list",children:ye.value?.map(r=>n(Ba,{number:r,isChosen:t===r.id},r.id))})]})}function Ba({number:e,isChosen:t}){let r=tn.value.get(e.id)??0,o=pn(e);return n("li",{class:t?"chosen":void 0,children:[n("button",{type:"button",class:"pick","aria-pressed":t,onClick:()=>Q.value={...Q.value,phoneNumberId:t?"":e.id},title:t?"Show every number":"Show only this number",children:[n("strong",{children:n("bdi",{children:F(e.phoneNumber)})}),n("span",{class:"meta",children:[o||Pe(e.countryCode),e.expiresAt&&n(v,{children:[" \xB7 ",n(an,{until:e.expiresAt})]})]})]}),r>0&&n("span",{class:"badge",children:[r,n("span",{class:"off-screen",children:" unread"})]}),n(ee,{text:e.phoneNumber,what:`the number ${F(e.phoneNumber)}`,class:"quiet square"})]})}function qa(){let e=async()=>{let r=await Ns(!nt.value);r&&R(r)},t="Sound and notifications";return n("button",{type:"button",class:"button quiet square","aria-pressed":nt.value,"aria-label":t,title:t,onClick:e,children:n(z,{name:nt.value?"bell":"bellOff"})})}function Wa({onRent:e}){if(!N.value)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(et(Q.value))return n("div",{class:"empty",children:[n("h2",{children:"Nothing fits"}),n("p",{children:"No message has all of what you are looking for."}),n("button",{type:"button",class:"button",onClick:()=>Q.value=Se,children:"Show everything"})]});let t=ye.value?.[0];return t?n("div",{class:"empty",children:[n("h2",{children:"Waiting for a code"}),n("p",{children:"Give this number to whoever sends you one. It appears here by itself."}),n("p",{class:"big",children:n("bdi",{children:F(t.phoneNumber)})}),n(ee,{text:t.phoneNumber,what:"the number",label:"Copy the number"})]}):n("div",{class:"empty",children:[n("h2",{children:"Rent a number first"}),n("p",{children:"It is yours for as long as you say, from an hour to a day. Codes that are sent to it appear here by themselves."}),n("button",{type:"button",class:"button primary",onClick:e,children:"Rent a number"})]})}function Ha({onClose:e}){return n(K,{title:"Keys",onClose:e,children:n("dl",{class:"key-list",children:Ks.map(([t,r,o])=>n("div",{children:[n("dt",{children:[n("kbd",{children:t}),r&&n(v,{children:[" ",n("kbd",{children:r})]})]}),n("dd",{children:o})]},t))})})}function Qa({message:e,onClose:t}){return n(K,{title:"Delete the message?",onClose:t,children:[n("p",{children:"It is gone for good."}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button danger",onClick:()=>rn(e).then(()=>R("The message is deleted."),L).finally(t),children:"Delete"}),n("button",{type:"button",class:"button quiet",onClick:t,children:"Keep"})]})]})}var Ga={live:["Live","Connected: messages appear as they arrive."],connecting:["Connecting","Connecting to the server."],waiting:["Reconnecting","The connection was lost and is being made again. Nothing is missed."],offline:["Offline","There is no network. What arrives meanwhile appears when it is back."]};function ja(){let[e,t]=Ga[Oe.value];return n("span",{class:`connection ${Oe.value}`,title:t,role:"status",children:[n("span",{class:"dot","aria-hidden":"true"}),n("span",{class:"label",children:e})]})}function gn({to:e,icon:t,children:r,badge:o=0}){let s=e==="/"?ke.value==="/":ke.value.startsWith(e);return n("a",{href:e,"aria-current":s?"page":void 0,children:[n(z,{name:t}),n("span",{children:r}),o>0&&n("span",{class:"badge",children:[n("span",{"aria-hidden":"true",children:o>99?"99+":o}),n("span",{class:"off-screen",children:[", ",o," unread"]})]})]})}function ni({children:e}){let t=G.value;return n(v,{children:[n("a",{class:"skip",href:"#main",children:"Skip to the content"}),n("header",{class:"top",children:[n("a",{class:"brand",href:"/",children:[n(za,{}),"otpwire"]}),t&&n("nav",{"aria-label":"Main",children:[n(gn,{to:"/",icon:"inbox",badge:We.value,children:"Inbox"}),n(gn,{to:"/numbers",icon:"numbers",children:"Numbers"}),t.role==="ADMIN"&&n(gn,{to:"/console",icon:"console",children:"Console"}),n(gn,{to:"/account",icon:"account",children:"Account"})]}),t&&n(ja,{})]}),n("main",{id:"main",tabIndex:-1,children:e}),n(os,{})]})}function za(){return n("svg",{class:"mark",viewBox:"0 0 32 32","aria-hidden":"true",children:[n("rect",{width:"32",height:"32",rx:"9"}),n("path",{d:"M8 12.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5H15l-4.5 3.5V21A2.5 2.5 0 0 1 8 18.5z"}),n("circle",{cx:"12.4",cy:"15.5",r:"1.3"}),n("circle",{cx:"16",cy:"15.5",r:"1.3"}),n("circle",{cx:"19.6",cy:"15.5",r:"1.3"})]})}var Ya={"/register":$s,"/forgot-password":Us,"/reset-password":Fs,"/verify-email":Vs},Ja={"/":lr,"/numbers":Js,"/account":Ds};function Xa(){let e=ke.value,t=Ya[e];if(t&&(!G.value||e==="/verify-email"||e==="/reset-password"))return n(t,{});if(G.value===void 0)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(G.value===null)return n(Ls,{});if(e.startsWith("/console"))return n(ks,{});let r=Ja[e]??lr;return n(r,{})}var cr=document.getElementById("app");cr&&(cr.textContent="",ns(),Ms(),An(n(ni,{children:n(Xa,{})}),cr),ss());})();
